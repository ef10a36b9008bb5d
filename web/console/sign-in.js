import { useState } from "preact/hooks";

import { html } from "../shared/html.js";
import { common, desk } from "../shared/strings.js";
import { Button } from "./parts/button.js";
import { Checkbox, Form, TextField } from "./parts/fields.js";

/** @import { Session } from "./session.js" */

/** @param {{ session: Session }} props */
export function SignIn({ session }) {
  const [key, setKey] = useState("");
  const [remember, setRemember] = useState(false);
  const submit = () => {
    if (key.trim()) void session.enter(key.trim(), remember);
  };
  return html`<main class="narrow" id="content">
    <p class="product">${common.product}</p>
    <h1>${desk.signIn.heading}</h1>
    <${Form} onSubmit=${submit}>
      <${TextField}
        label=${desk.signIn.key}
        hint=${desk.signIn.hint}
        type="password"
        autoFocus
        value=${key}
        onValue=${setKey}
      />
      <${Checkbox}
        label=${desk.signIn.remember}
        hint=${desk.signIn.rememberHint}
        checked=${remember}
        onChecked=${setRemember}
      />
      <div role="alert">
        ${session.problem.value ? html`<p class="error">${session.problem.value}</p>` : null}
      </div>
      <div class="row">
        <${Button} look="main" pending=${session.entering.value}>${desk.signIn.enter}<//>
      </div>
    <//>
  </main>`;
}
