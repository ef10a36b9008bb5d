/** Draws the screen "Anúncio". */
import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Form, TextArea } from "../parts/fields.js";
import { ListenButton, ListenStatus } from "../parts/listen.js";
import { timeOfDay } from "../times.js";
import { LISTENER, TEXT_CHARS_MAX } from "./store.js";

/** @import { CallsStore } from "../calls/store.js" */
/** @import { AnnouncementStore } from "./store.js" */

/** @param {{ announcement: AnnouncementStore, calls: CallsStore }} props */
export function AnnouncementScreen({ announcement, calls }) {
  const { text, listening } = announcement;
  const left = fill(desk.announcement.left, { n: text.value.length, max: TEXT_CHARS_MAX });
  return html`<div class="reading">
    <h1>${desk.announcement.heading}</h1>
    <p class="soft">${fill(desk.announcement.hint, { panel: announcement.title() })}</p>
    <${Form} onSubmit=${announcement.announce}>
      <${TextArea}
        label=${desk.announcement.text}
        hint=${left}
        rows=${5}
        maxLength=${TEXT_CHARS_MAX}
        value=${text.value}
        onValue=${(/** @type {string} */ value) => (text.value = value)}
      />
      <div class="row">
        <${ListenButton} listening=${listening} who=${LISTENER} onListen=${announcement.listen} />
        <${Button} look="main" pending=${announcement.isPending("announce")}>
          ${desk.announcement.announce}
        <//>
        <${Undoing} announcement=${announcement} calls=${calls} />
      </div>
      <${ListenStatus} listening=${listening} who=${LISTENER} />
    <//>
    <${Recent} announcement=${announcement} calls=${calls} />
  </div>`;
}

/** @param {{ announcement: AnnouncementStore, calls: CallsStore }} props */
function Undoing({ announcement, calls }) {
  const call = announcement.undoable.value;
  if (!call) return null;
  return html`<${Button}
    pending=${calls.isPending(`cancel:${call.id}`)}
    onPress=${() => calls.undo(call)}
  >
    ${desk.calls.undo}
    <span aria-hidden="true"> ${fill(desk.seconds, { s: announcement.undoLeftS.value })}</span>
  <//>`;
}

/** @param {{ announcement: AnnouncementStore, calls: CallsStore }} props */
function Recent({ announcement, calls }) {
  const made = calls.today.value.filter(
    ({ call }) => call.text !== null && call.status !== "cancelled",
  );
  if (made.length === 0) return null;
  return html`<section class="card apart" aria-labelledby="recent-heading">
    <h2 id="recent-heading">${desk.announcement.recent}</h2>
    <ul class="people">
      ${made.map(
        ({ call }) =>
          html`<li key=${call.id}>
            <span class="grow">${timeOfDay(call.called_at)} ${call.text}</span>
            <${Button}
              look="small"
              label=${fill(desk.announcement.reuseOne, { time: timeOfDay(call.called_at) })}
              onPress=${() => (announcement.text.value = call.text ?? "")}
              >${desk.announcement.reuse}<//
            >
          </li>`,
      )}
    </ul>
  </section>`;
}
