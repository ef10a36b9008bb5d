/** Draws the screen "Painéis". */
import { useEffect, useState } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Confirmation } from "../parts/dialog.js";
import { Form, Select, TextField } from "../parts/fields.js";
import { ago } from "../times.js";
import { CreatePanel } from "./create.js";
import { SettingsScreen } from "./settings-view.js";

/** @import { Device } from "../../shared/types.js" */
/** @import { Desk } from "../desk.js" */
/** @import { Panel, PanelsStore } from "./store.js" */

const words = desk.panels;
const SILENT_MS = 20_000;

/**
 * @param {object} props
 * @param {Desk} props.desk
 * @param {string} props.panel this desk's
 * @param {number} props.aheadMs the API's clock before this computer's
 */
export function PanelsScreen({ desk: parts, panel, aheadMs }) {
  const [configured, setConfigured] = useState(/** @type {string | null} */ (null));
  const { panels } = parts;
  useEffect(panels.watch, []);
  if (configured !== null) {
    return html`<${SettingsScreen}
      desk=${parts}
      panel=${configured}
      onClose=${() => setConfigured(null)}
    />`;
  }
  const nowMs = panels.readAt.value + aheadMs;
  return html`<h1>${words.heading}</h1>
    ${panels.panels.value === null ? html`<p class="soft">${desk.loading}</p>` : null}
    ${panels.panels.value?.map(
      (one) =>
        html`<${Room}
          key=${one.panel}
          room=${one}
          panels=${panels}
          nowMs=${nowMs}
          onConfigure=${() => setConfigured(one.panel)}
        />`,
    )}
    <div class="columns wide">
      <section class="card" aria-labelledby="pair-heading">
        <h2 id="pair-heading">${words.pairHeading}</h2>
        <${Pairing} panels=${panels} own=${panel} />
      </section>
      <section class="card" aria-labelledby="create-heading">
        <h2 id="create-heading">${words.createHeading}</h2>
        <${CreatePanel} panels=${panels} />
      </section>
    </div>`;
}

/**
 * @param {{ room: Panel, panels: PanelsStore, nowMs: number, onConfigure: () => void }} props
 */
function Room({ room, panels, nowMs, onConfigure }) {
  const [revoked, setRevoked] = useState(/** @type {Device | null} */ (null));
  const heading = `panel-${room.panel}`;
  const { title } = room.settings;
  const revoke = async (/** @type {Device} */ device) => {
    if (await panels.revoke(room.panel, device)) setRevoked(null);
  };
  return html`<section class="card" aria-labelledby=${heading}>
    <div class="row apart">
      <h2 id=${heading}>
        ${title} <small class="soft">${room.panel}</small>${" "}
        <span class="count">${fill(words.waiting, { n: room.waiting })}</span>
      </h2>
      <${Button}
        look="small"
        label=${fill(words.settingsOf, { panel: title })}
        onPress=${onConfigure}
        >${words.settings}<//
      >
    </div>
    ${
      room.devices.length
        ? html`<${Devices} room=${room} nowMs=${nowMs} onRevoke=${setRevoked} />`
        : html`<p class="soft">${words.noDevices}</p>`
    }
    ${
      revoked
        ? html`<${Confirmation}
            question=${fill(words.revokeSure, { label: revoked.label })}
            hint=${words.revokeHint}
            verb=${words.revoke}
            pending=${panels.isPending(`revoke:${revoked.id}`)}
            onConfirm=${() => revoke(revoked)}
            onClose=${() => setRevoked(null)}
          />`
        : null
    }
  </section>`;
}

/**
 * @param {{ room: Panel, nowMs: number, onRevoke: (device: Device) => void }} props
 */
function Devices({ room, nowMs, onRevoke }) {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${words.tv}</th>
        <th scope="col">${words.seen}</th>
        <th scope="col">${words.sound}</th>
        <th scope="col">${words.voice}</th>
        <th scope="col">${words.version}</th>
        <th scope="col">${words.action}</th>
      </tr>
    </thead>
    <tbody>
      ${room.devices.map(
        (device) =>
          html`<tr key=${device.id}>
            <td>${device.label}</td>
            <td class=${isSilent(device, nowMs) ? "bad" : ""}>
              ${isSilent(device, nowMs) ? `${words.silent}: ` : ""}${ago(device.last_seen_at, nowMs)}
            </td>
            <td class=${device.sound === "on" ? "" : "warn"}>
              ${words.sounds[device.sound ?? "unknown"]}
            </td>
            <td>${device.voice ? words.isVoice : words.notVoice}</td>
            <td>${device.version}</td>
            <td>
              <${Button}
                look="small"
                label=${fill(words.revokeOne, { label: device.label })}
                onPress=${() => onRevoke(device)}
                >${words.revoke}<//
              >
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {Device} device @param {number} nowMs */
function isSilent({ last_seen_at: seen }, nowMs) {
  return seen === null || nowMs - Date.parse(seen) > SILENT_MS;
}

/** @param {{ panels: PanelsStore, own: string }} props */
function Pairing({ panels, own }) {
  const [panel, setPanel] = useState(own);
  const [code, setCode] = useState("");
  const [label, setLabel] = useState("");
  const submit = async () => {
    if (!(await panels.pair(panel, code, label))) return;
    setCode("");
    setLabel("");
  };
  return html`<p class="soft">${words.pairHint}</p>
    <${Form} label=${words.pairHeading} onSubmit=${submit}>
      <${Select}
        label=${words.pairPanel}
        value=${panel}
        onValue=${setPanel}
        options=${(panels.panels.value ?? []).map((one) => ({
          value: one.panel,
          label: one.settings.title,
        }))}
      />
      <${TextField} label=${words.code} value=${code} onValue=${setCode} maxLength=${12} />
      <${TextField}
        label=${words.label}
        hint=${words.labelHint}
        value=${label}
        onValue=${setLabel}
        maxLength=${60}
      />
      <div class="row">
        <${Button} look="main" pending=${panels.isPending(`pair:${panel}`)}>${words.pair}<//>
      </div>
    <//>`;
}
