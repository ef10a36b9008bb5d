import { useState } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Form, Select, TextField } from "../parts/fields.js";
import { whoIs } from "./history.js";

/** @import { Call } from "../../shared/types.js" */
/** @import { PanelsStore } from "../panels/store.js" */
/** @import { CallsStore } from "./store.js" */

/**
 * Sends a patient on, to wait again.
 *
 * @param {{ call: Call, calls: CallsStore, panels: PanelsStore }} props
 */
export function TransferDialog({ call, calls, panels }) {
  const [panel, setPanel] = useState(calls.station.panel);
  const [place, setPlace] = useState("");
  const close = () => (calls.transferring.value = false);
  const submit = async () => {
    if (await calls.transfer(call, { panel, place })) close();
  };
  const options = (panels.panels.value ?? []).map((one) => ({
    value: one.panel,
    label: one.settings.title,
  }));
  return html`<${Dialog}
    heading=${fill(desk.calls.transferHeading, { who: whoIs(call) })}
    onClose=${close}
  >
    <p>${desk.calls.transferHint}</p>
    <${Form} onSubmit=${submit}>
      <${Select}
        label=${desk.calls.transferPanel}
        value=${panel}
        onValue=${setPanel}
        options=${options}
      />
      <${TextField}
        label=${desk.calls.place}
        optional
        value=${place}
        onValue=${setPlace}
        maxLength=${200}
        choices=${panels.settingsOf(panel)?.places ?? []}
      />
      <div class="row end">
        <${Button} look="quiet" onPress=${close}>${desk.cancel}<//>
        <${Button} look="main" pending=${calls.isPending(`transfer:${call.id}`)}>
          ${desk.calls.transfer}
        <//>
      </div>
    <//>
  <//>`;
}
