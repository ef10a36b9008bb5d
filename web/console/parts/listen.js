import { html } from "../../shared/html.js";
import { desk } from "../../shared/strings.js";
import { Button } from "./button.js";

/** @import { Listening } from "../listening.js" */

/**
 * @param {object} props
 * @param {Listening} props.listening
 * @param {string} props.who this button among those that listen
 * @param {() => void} props.onListen
 * @param {string} [props.words]
 * @param {string} [props.label]
 * @param {string} [props.look]
 */
export function ListenButton({ listening, who, onListen, words, label, look = "" }) {
  const { who: busy, phase } = listening.state.value;
  const playing = busy === who && phase === "playing";
  return playing
    ? html`<${Button} key="stop" look=${look} onPress=${listening.stop}>
        ${desk.announcement.stop}
      <//>`
    : html`<${Button}
        key="listen"
        look=${look}
        label=${label}
        pending=${busy === who && phase === "asking"}
        onPress=${onListen}
      >
        ${words ?? desk.announcement.listen}
      <//>`;
}

/**
 * What became of it, said where the buttons stand.
 *
 * @param {{ listening: Listening, who: string }} props
 */
export function ListenStatus({ listening, who }) {
  const { who: busy, phase, problem, doubtful } = listening.state.value;
  const mine = busy === who;
  return html`<div role="status" class="listen">
    ${mine && phase ? html`<p class="hint">${desk.listening[phase]}</p>` : null}
    ${mine && doubtful ? html`<p class="hint">${desk.listening.doubtful}</p>` : null}
    ${mine && problem ? html`<p class="error">${problem}</p>` : null}
  </div>`;
}
