import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";

/** @import { Change } from "./entries.js" */
/** @import { Conflict, LexiconStore } from "./store.js" */

const words = desk.lexicon;

/**
 * Somebody else saved first: shows what they changed, and lets the person decide.
 *
 * @param {{ store: LexiconStore, conflict: Conflict }} props
 */
export function ConflictDialog({ store, conflict }) {
  return html`<${Dialog} heading=${words.conflictHeading} onClose=${store.discard}>
    <p>${words.conflictHint}</p>
    <ul>
      ${conflict.theirs.map((change) => html`<li>${changeWords(change)}</li>`)}
    </ul>
    ${conflict.theirs.length === 0 ? html`<p>${words.conflictNone}</p>` : null}
    <p>${words.conflictMine}</p>
    <ul>
      <li>${changeWords(conflict.mine)}</li>
    </ul>
    ${conflict.same ? html`<p class="error">${words.conflictSame}</p>` : null}
    <div class="row end">
      <${Button} look="quiet" onPress=${store.discard}>${words.discard}<//>
      <${Button}
        look="main"
        pending=${store.isPending("save-entry")}
        onPress=${() => store.save(conflict.mine)}
        >${words.apply}<//
      >
    </div>
  <//>`;
}

/** @param {Change} change */
function changeWords({ before, after }) {
  if (!after) return fill(words.changes.removed, { written: before?.written ?? "" });
  if (!before) return fill(words.changes.added, after);
  return fill(words.changes.changed, { ...after, before: before.spoken });
}
