import { html } from "../shared/html.js";
import { desk } from "../shared/strings.js";
import { Button } from "./parts/button.js";
import { Dialog } from "./parts/dialog.js";

const KEYS = /** @type {const} */ ([
  ["F2", "next"],
  ["F4", "recall"],
  ["F7", "transfer"],
  ["F8", "undo"],
  ["F9", "attended"],
  ["F10", "noShow"],
]);

/** @param {{ onClose: () => void }} props */
export function Help({ onClose }) {
  return html`<${Dialog} heading=${desk.shortcuts} onClose=${onClose}>
    <table>
      <thead>
        <tr>
          <th scope="col">${desk.keys.key}</th>
          <th scope="col">${desk.keys.does}</th>
        </tr>
      </thead>
      <tbody>
        ${KEYS.map(
          ([key, does]) =>
            html`<tr>
              <td><kbd>${key}</kbd></td>
              <td>${desk.keys[does]}</td>
            </tr>`,
        )}
        <tr>
          <td><kbd>${desk.keys.helpAlso}</kbd></td>
          <td>${desk.keys.help}</td>
        </tr>
      </tbody>
    </table>
    <p class="hint">${desk.keys.note}</p>
    <div class="row end"><${Button} onPress=${onClose}>${desk.close}<//></div>
  <//>`;
}
