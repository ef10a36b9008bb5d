/** Draws the screen "Lista do dia". */
import { useRef, useState } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { ACCEPTED } from "./file.js";
import { doneRows, reasonWords, rowProblems } from "./report.js";

/** @import { Progress } from "./report.js" */
/** @import { ListStore, Upload } from "./store.js" */

/** @param {{ list: ListStore, title: string }} props */
export function ListScreen({ list, title }) {
  const upload = list.upload.value;
  return html`<div class="reading">
    <h1>${desk.list.heading}</h1>
    <p>${fill(desk.list.hint, { panel: title })}</p>
    <p class="soft">
      ${desk.list.columns} ${" "}
      <a href="/exemplo-lista-do-dia.csv" download="exemplo-lista-do-dia.csv"
        >${desk.list.sample}</a
      >
    </p>
    ${
      upload.phase === "idle" || upload.phase === "failed"
        ? html`<${Drop} list=${list} />`
        : html`<${Following} upload=${upload} list=${list} />`
    }
    <div role="alert">
      ${
        upload.phase === "failed"
          ? html`<p class="error">${upload.file}: ${upload.problem}</p>`
          : null
      }
    </div>
  </div>`;
}

/** @param {{ list: ListStore }} props */
function Drop({ list }) {
  const chooser = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [over, setOver] = useState(false);
  /** @param {FileList | null | undefined} files */
  const take = (files) => {
    const file = files?.[0];
    if (file) void list.start(file);
  };
  /** @param {boolean} entering */
  const hover = (entering) => (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(entering);
  };
  /** @param {DragEvent} event */
  const drop = (event) => {
    hover(false)(event);
    take(event.dataTransfer?.files);
  };
  return html`<div
    class=${over ? "drop over" : "drop"}
    onDragOver=${hover(true)}
    onDragLeave=${hover(false)}
    onDrop=${drop}
  >
    <p>${desk.list.drop}</p>
    <${Button} look="main" onPress=${() => chooser.current?.click()}>${desk.list.choose}<//>
    <input
      ref=${chooser}
      type="file"
      hidden
      aria-label=${desk.list.choose}
      accept=${ACCEPTED}
      onChange=${(/** @type {Event} */ event) =>
        take(/** @type {HTMLInputElement} */ (event.target).files)}
    />
  </div>`;
}

/** @param {{ upload: Upload, list: ListStore }} props */
function Following({ upload, list }) {
  const { progress } = upload;
  return html`<section class="card" aria-labelledby="upload-heading">
    <div role="status">
      <h2 id="upload-heading">${fill(stateWords(upload), { file: upload.file })}</h2>
    </div>
    <${Bar} upload=${upload} />
    ${upload.converted ? html`<p class="hint">${desk.list.converted}</p>` : null}
    ${upload.stalled ? html`<p class="hint">${desk.list.stalled}</p>` : null}
    ${progress?.reason ? html`<p class="error">${reasonWords(progress.reason)}</p>` : null}
    ${progress ? html`<${Report} progress=${progress} done=${upload.phase === "done"} />` : null}
    ${
      upload.phase === "done"
        ? html`<div class="row end">
            <${Button} onPress=${list.reset}>${desk.list.another}<//>
          </div>`
        : null
    }
  </section>`;
}

/** @param {Upload} upload */
function stateWords({ phase, progress }) {
  if (phase === "sending") return desk.list.sending;
  if (progress?.status === "rejected") return desk.list.refused;
  if (phase === "done") return desk.list.done;
  return progress?.status === "rendering" ? desk.list.rendering : desk.list.checking;
}

/** @param {{ upload: Upload }} props */
function Bar({ upload: { phase, sent, progress } }) {
  const rows = progress && progress.total > 0 && progress.status !== "expanding";
  const share = phase === "sending" ? sent : rows ? doneRows(progress) / progress.total : undefined;
  return html`<progress aria-label=${desk.list.progress} value=${share} max="1"></progress> ${
      rows
        ? html`<p class="soft">
            ${fill(desk.list.counts, { done: doneRows(progress), total: progress.total })}
          </p>`
        : null
    }`;
}

/** @param {{ progress: Progress, done: boolean }} props */
function Report({ progress, done }) {
  const problems = rowProblems(progress);
  return html`<dl class="figures">
      ${figure(progress.accepted, desk.list.accepted)}
      ${figure(progress.rejected, desk.list.rejected)}
      ${figure(progress.failed, desk.list.notRendered)}
    </dl>
    ${
      problems.length
        ? html`<h3 id="rows-heading">${desk.list.rows}</h3>
            <table aria-labelledby="rows-heading">
              <thead>
                <tr>
                  <th scope="col">${desk.list.line}</th>
                  <th scope="col">${desk.list.field}</th>
                  <th scope="col">${desk.list.reason}</th>
                </tr>
              </thead>
              <tbody>
                ${problems.map(
                  ({ line, field, reason }) =>
                    html`<tr>
                      <td>${line}</td>
                      <td>${field}</td>
                      <td>${reason}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`
        : null
    }
    ${done && problems.length === 0 && !progress.reason ? html`<p>${desk.list.noProblems}</p>` : null}`;
}

/** @param {number} count @param {string} label */
function figure(count, label) {
  return html`<div>
    <dt>${label}</dt>
    <dd>${count}</dd>
  </div>`;
}
