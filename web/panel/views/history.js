/** @import { Call, Settings } from "../../shared/types.js" */

import { html } from "../../shared/html.js";
import { panel } from "../../shared/strings.js";
import { who } from "./who.js";

/** @param {{ calls: Call[], show: Settings["show"] }} props newest first */
export function HistoryView({ calls, show }) {
  return html`
    <aside class="history">
      <h2>${panel.history}</h2>
      <ol>
        ${calls.map((call) => html`<${Past} key=${call.id} call=${call} show=${show} />`)}
      </ol>
    </aside>
  `;
}

/** The place first: whoever looks here knows their own name. @param {{ call: Call, show: Settings["show"] }} props */
function Past({ call, show }) {
  const { main, ticket } = who(call, show);
  return html`
    <li>
      ${call.place && html`<strong>${call.place}</strong>`}
      <span>${ticket ? `${ticket} · ${main}` : main}</span>
    </li>
  `;
}
