/** The waiting room's screen: who is called now, who was called, the time, and what is wrong. */

/** @import { Call } from "../../shared/types.js" */
/** @import { View } from "../device.js" */

import { html } from "../../shared/html.js";
import { panel } from "../../shared/strings.js";
import { dateText, timeText } from "../zone.js";
import { CallView } from "./call.js";
import { HistoryView } from "./history.js";
import { Pictures } from "./pictures.js";

/** A longer announcement takes the whole width. */
const WIDE_LETTERS = 100;

/** @param {View & { onUnlock: () => void }} props */
export function RoomView({ player, link, time, onUnlock }) {
  const { settings, current, sound } = player;
  const call = current ? current.entry.call : null;
  const past = player.history.map((entry) => entry.call);
  const blocked = sound === "blocked";
  const hasPictures = settings.pictures.length > 0;
  const isFree = !call && !blocked && !hasPictures;
  const resting = isFree ? (past[0] ?? null) : null;
  const listed = (resting ? past.slice(1) : past).slice(0, settings.history);
  const wide = (call?.text ?? "").length > WIDE_LETTERS;
  return html`
    <div class=${wide ? "room wide" : "room"}>
      <${Header} title=${settings.title} time=${time} timeZone=${settings.time_zone} />
      <main class="stage">
        ${hasPictures && html`<${Pictures} paths=${settings.pictures} paused=${call !== null} />`}
        <div role="status" class="now">
          ${call && html`<div class="calling" key=${call.id}>${announced(call)}</div>`}
          ${resting && html`<${Resting} content=${announced(resting)} />`}
        </div>
        ${!call && blocked && html`<${Unlock} onUnlock=${onUnlock} />`}
        ${isFree && !resting && html`<p class="welcome">${panel.welcome}</p>`}
      </main>
      ${!wide && html`<${HistoryView} calls=${listed} show=${settings.show} />`}
      <${Notices} blocked=${blocked} offline=${link === "offline"} />
    </div>
  `;

  /** @param {Call} shown */
  function announced(shown) {
    return html`<${CallView} call=${shown} show=${settings.show} />`;
  }
}

/** @param {{ title: string, time: number, timeZone: string }} props */
function Header({ title, time, timeZone }) {
  return html`
    <header>
      <h1>${title}</h1>
      <p class="date">${dateText(time, timeZone)}</p>
      <time>${timeText(time, timeZone)}</time>
    </header>
  `;
}

/** @param {{ content: import("preact").ComponentChildren }} props */
function Resting({ content }) {
  return html`
    <div class="resting">
      <h2>${panel.lastCall}</h2>
      ${content}
    </div>
  `;
}

/** @param {{ onUnlock: () => void }} props */
function Unlock({ onUnlock }) {
  return html`
    <div class="unlock">
      <button type="button" onClick=${onUnlock} ref=${focus}>${panel.unlock}</button>
      <p>${panel.unlockHint}</p>
    </div>
  `;
}

/** A remote control's OK presses what has the focus. @param {HTMLElement | null} button */
function focus(button) {
  button?.focus();
}

/** @param {{ blocked: boolean, offline: boolean }} props */
function Notices({ blocked, offline }) {
  if (!blocked && !offline) return null;
  return html`
    <footer>
      <div class="notices" role="alert">
        ${blocked && html`<p>${panel.soundBlocked}</p>`} ${offline && html`<p>${panel.offline}</p>`}
      </div>
    </footer>
  `;
}
