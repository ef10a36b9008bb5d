import { html } from "../../shared/html.js";
import { panel } from "../../shared/strings.js";

/** @param {{ code: string | null }} props */
export function PairingView({ code }) {
  const { title, explanation, noCode } = panel.pairing;
  return html`
    <main class="pairing">
      <h1>${title}</h1>
      <div role="status">
        ${
          code
            ? html`<p>${explanation}</p>
                <p class="code">${code}</p>`
            : html`<p>${noCode}</p>`
        }
      </div>
    </main>
  `;
}
