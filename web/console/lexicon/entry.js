import { useState } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Form, Select, TextField } from "../parts/fields.js";
import { ListenButton, ListenStatus } from "../parts/listen.js";

/** @import { Change, Entry, Scope } from "./entries.js" */
/** @import { LexiconStore } from "./store.js" */

const words = desk.lexicon;
const LISTENER = "lexicon-entry";
/** @type {Entry} */
const EMPTY = { written: "", spoken: "", scope: "name" };

/**
 * Adds an entry or changes one; it can be heard before it is saved.
 *
 * @param {object} props
 * @param {LexiconStore} props.store
 * @param {Entry | null} props.before null: a new one
 * @param {(change: Change) => void} props.onSave
 * @param {() => void} props.onClose
 */
export function EntryDialog({ store, before, onSave, onClose }) {
  const [draft, setDraft] = useState(before ?? EMPTY);
  const [problem, setProblem] = useState("");
  const submit = () => {
    const wrong = store.problemOf(draft, before);
    setProblem(wrong);
    if (!wrong) {
      const after = { ...draft, written: draft.written.trim(), spoken: draft.spoken.trim() };
      onSave({ before, after });
    }
  };
  const listen = () => {
    setProblem(draft.spoken.trim() ? "" : words.needsSpoken);
    if (draft.spoken.trim()) void store.listen(LISTENER, draft.spoken);
  };
  return html`<${Dialog}
    heading=${before ? fill(words.editHeading, { written: before.written }) : words.addHeading}
    onClose=${onClose}
  >
    <${Form} onSubmit=${submit}>
      <${TextField}
        label=${words.written}
        value=${draft.written}
        maxLength=${100}
        onValue=${(/** @type {string} */ written) => setDraft({ ...draft, written })}
      />
      <${TextField}
        label=${words.spoken}
        hint=${words.spokenHint}
        value=${draft.spoken}
        maxLength=${200}
        onValue=${(/** @type {string} */ spoken) => setDraft({ ...draft, spoken })}
      />
      <${Select}
        label=${words.scope}
        value=${draft.scope}
        options=${Object.entries(words.scopes).map(([value, label]) => ({ value, label }))}
        onValue=${(/** @type {Scope} */ scope) => setDraft({ ...draft, scope })}
      />
      <div role="alert">${problem ? html`<p class="error">${problem}</p>` : null}</div>
      <${ListenStatus} listening=${store.listening} who=${LISTENER} />
      <div class="row apart">
        <${ListenButton}
          listening=${store.listening}
          who=${LISTENER}
          words=${words.listen}
          onListen=${listen}
        />
        <div class="row">
          <${Button} look="quiet" onPress=${onClose}>${desk.cancel}<//>
          <${Button} look="main" pending=${store.isPending("save-entry")}>${desk.save}<//>
        </div>
      </div>
    <//>
  <//>`;
}
