/** @import { Call, Settings } from "../../shared/types.js" */

import { html } from "../../shared/html.js";
import { Fit } from "./fit.js";
import { who } from "./who.js";

/** Hundredths of the screen's short side: read from 5 m and more. */
const NAME = { largest: 18, smallest: 7.2 };
const TEXT = { largest: 14, smallest: 5 };

/** A place of at most so many letters stays on one line: "Consultório" alone on a line is no place. */
const ONE_LINE = 16;

/** @param {{ call: Call, show: Settings["show"] }} props */
export function CallView({ call, show }) {
  const { main, ticket } = who(call, show);
  return html`
    <${Fit} ...${call.text ? TEXT : NAME} content=${[call.id, main, ticket, call.place].join("\n")}>
      ${ticket && html`<p class="ticket">${ticket}</p>`}
      <p class="who">${main}</p>
      ${call.place && html`<p class=${placeClass(call.place)}>${call.place}</p>`}
    <//>
  `;
}

/** @param {string} place */
function placeClass(place) {
  return place.length <= ONE_LINE ? "place one-line" : "place";
}
