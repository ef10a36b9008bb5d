/** @import { Call, Settings } from "../../shared/types.js" */

import { html } from "../../shared/html.js";
import { Fit } from "./fit.js";
import { who } from "./who.js";

/** Hundredths of the screen's short side: read from 5 m and more. */
const LARGEST_NAME = 18;
const LARGEST_TEXT = 14;

/** @param {{ call: Call, show: Settings["show"] }} props */
export function CallView({ call, show }) {
  const { main, ticket } = who(call, show);
  const largest = call.text ? LARGEST_TEXT : LARGEST_NAME;
  return html`
    <${Fit} largest=${largest} content=${[call.id, main, ticket, call.place].join("\n")}>
      ${ticket && html`<p class="ticket">${ticket}</p>`}
      <p class="who">${main}</p>
      ${call.place && html`<p class="place">${call.place}</p>`}
    <//>
  `;
}
