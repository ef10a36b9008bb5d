import { useState } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Form, TextField } from "../parts/fields.js";

/** @import { PanelsStore } from "./store.js" */

/** @param {{ panels: PanelsStore, onCreated?: () => void }} props */
export function CreatePanel({ panels, onCreated }) {
  const [id, setId] = useState("");
  const [title, setTitle] = useState("");
  const submit = async () => {
    if (await panels.create(id.trim(), title)) onCreated?.();
  };
  return html`<${Form} label=${desk.panels.createHeading} onSubmit=${submit}>
    <${TextField} label=${desk.settings.title} value=${title} onValue=${setTitle} maxLength=${80} />
    <${TextField}
      label=${desk.panels.id}
      hint=${desk.panels.idHint}
      value=${id}
      onValue=${setId}
      maxLength=${40}
    />
    <div class="row">
      <${Button} look="main" pending=${panels.isPending("create")}>${desk.panels.create}<//>
    </div>
  <//>`;
}
