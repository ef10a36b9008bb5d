/** Draws the screen "Registro". */
import { useEffect, useMemo } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { dayAndTime } from "../times.js";
import { createAuditStore } from "./store.js";

/** @import { Desk } from "../desk.js" */
/** @import { AuditEntry } from "./store.js" */

const words = desk.audit;

/** @param {{ desk: Desk, panel: string, title: string }} props */
export function AuditScreen({ desk: parts, panel, title }) {
  const store = useMemo(() => createAuditStore(parts, panel), []);
  useEffect(() => void store.load(), []);
  const entries = store.entries.value;
  const pending = store.isPending("audit");
  return html`<div class="row apart">
      <h1>${words.heading}</h1>
      <${Button} pending=${pending} onPress=${store.load}>${words.refresh}<//>
    </div>
    <p class="soft">${fill(words.hint, { panel: title })}</p>
    ${entries === null ? html`<p class="soft">${desk.loading}</p>` : null}
    ${entries?.length === 0 ? html`<p>${words.none}</p>` : null}
    ${
      entries?.length
        ? html`<table aria-label=${words.heading}>
            <thead>
              <tr>
                <th scope="col">${words.at}</th>
                <th scope="col">${words.action}</th>
                <th scope="col">${words.ticket}</th>
                <th scope="col">${words.operator}</th>
              </tr>
            </thead>
            <tbody>
              ${entries.map(drawEntry)}
            </tbody>
          </table>`
        : null
    }
    ${
      store.before.value
        ? html`<${Button} look="quiet" pending=${pending} onPress=${store.older}>
            ${words.older}
          <//>`
        : null
    }`;
}

/** @param {AuditEntry} entry */
function drawEntry({ at, action, ticket, operator }) {
  /** @type {Record<string, string>} */
  const actions = words.actions;
  return html`<tr>
    <td>${dayAndTime(at)}</td>
    <td>${actions[action] ?? action}</td>
    <td>${ticket ?? "—"}</td>
    <td>${operator ?? "—"}</td>
  </tr>`;
}
