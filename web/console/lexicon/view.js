/** Draws the screen "Pronúncia". */
import { useEffect, useMemo, useState } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Confirmation } from "../parts/dialog.js";
import { TextField } from "../parts/fields.js";
import { ListenButton, ListenStatus } from "../parts/listen.js";
import { ConflictDialog } from "./conflict.js";
import { EntryDialog } from "./entry.js";
import { keyOf } from "./entries.js";
import { createLexiconStore } from "./store.js";

/** @import { Desk } from "../desk.js" */
/** @import { Change, Entry } from "./entries.js" */
/** @import { LexiconStore } from "./store.js" */

const words = desk.lexicon;
const SHOWN = 100;

/** @param {{ desk: Desk }} props */
export function LexiconScreen({ desk: parts }) {
  const store = useMemo(() => createLexiconStore(parts), []);
  /** `{ before: null }`: an entry is being added. */
  const [edited, setEdited] = useState(/** @type {{ before: Entry | null } | null} */ (null));
  const [removed, setRemoved] = useState(/** @type {Entry | null} */ (null));
  useEffect(() => void store.load(), []);
  const conflict = store.conflict.value;
  // Saved or in conflict, the form has done its part: the conflict keeps the change.
  const save = async (/** @type {Change} */ change) => {
    if ((await store.save(change)) === undefined) return;
    setEdited(null);
    setRemoved(null);
  };
  return html`<div class="row apart">
      <h1>${words.heading}</h1>
      <${Button} look="main" onPress=${() => setEdited({ before: null })}>${words.add}<//>
    </div>
    <p class="soft">${words.hint}</p>
    <${Entries} store=${store} onEdit=${setEdited} onRemove=${setRemoved} />
    ${
      edited
        ? html`<${EntryDialog}
            store=${store}
            before=${edited.before}
            onSave=${save}
            onClose=${() => setEdited(null)}
          />`
        : null
    }
    ${
      removed
        ? html`<${Confirmation}
            question=${fill(words.removeSure, { written: removed.written })}
            hint=${words.removeHint}
            verb=${words.remove}
            pending=${store.isPending("save-entry")}
            onConfirm=${() => save({ before: removed, after: null })}
            onClose=${() => setRemoved(null)}
          />`
        : null
    }
    ${conflict ? html`<${ConflictDialog} store=${store} conflict=${conflict} />` : null}`;
}

/**
 * @param {object} props
 * @param {LexiconStore} props.store
 * @param {(edited: { before: Entry }) => void} props.onEdit
 * @param {(entry: Entry) => void} props.onRemove
 */
function Entries({ store, onEdit, onRemove }) {
  const [limit, setLimit] = useState(SHOWN);
  const { lexicon, search, shown } = store;
  if (!lexicon.value) return html`<p class="soft">${desk.loading}</p>`;
  const total = lexicon.value.entries.length;
  const entries = shown.value;
  return html`<div class="search">
      <${TextField}
        label=${words.search}
        type="search"
        value=${search.value}
        onValue=${(/** @type {string} */ value) => (search.value = value)}
      />
    </div>
    <p role="status" class="soft">
      ${
        entries.length === 0
          ? words.none
          : search.value
            ? fill(words.found, { n: entries.length, total })
            : fill(words.count, { n: total })
      }
    </p>
    <table>
      <thead>
        <tr>
          <th scope="col">${words.written}</th>
          <th scope="col">${words.spoken}</th>
          <th scope="col">${words.scope}</th>
          <th scope="col">${words.action}</th>
        </tr>
      </thead>
      <tbody>
        ${entries
          .slice(0, limit)
          .map(
            (entry) =>
              html`<${Row}
                key=${keyOf(entry)}
                store=${store}
                entry=${entry}
                onEdit=${() => onEdit({ before: entry })}
                onRemove=${() => onRemove(entry)}
              />`,
          )}
      </tbody>
    </table>
    ${
      entries.length > limit
        ? html`<${Button} look="quiet" onPress=${() => setLimit(limit + SHOWN * 5)}>
            ${fill(desk.calls.more, { n: entries.length - limit })}
          <//>`
        : null
    }`;
}

/**
 * @param {{ store: LexiconStore, entry: Entry, onEdit: () => void, onRemove: () => void }} props
 */
function Row({ store, entry, onEdit, onRemove }) {
  const { written } = entry;
  const who = `lexicon:${keyOf(entry)}`;
  return html`<tr>
    <td><strong>${written}</strong></td>
    <td>${entry.spoken}</td>
    <td>${words.scopes[entry.scope]}</td>
    <td>
      <div class="row tight">
        <${ListenButton}
          look="small"
          listening=${store.listening}
          who=${who}
          words=${words.listen}
          label=${`${words.listen} ${written}`}
          onListen=${() => store.listen(who, entry.spoken)}
        />
        <${Button} look="small" label=${fill(words.editOne, { written })} onPress=${onEdit}>
          ${words.edit}
        <//>
        <${Button}
          look="small quiet"
          label=${fill(words.removeOne, { written })}
          onPress=${onRemove}
        >
          ${words.remove}
        <//>
      </div>
      <${ListenStatus} listening=${store.listening} who=${who} />
    </td>
  </tr>`;
}
