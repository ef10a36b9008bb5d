/** Draws the screen "Chamar". */
import { useState } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Confirmation } from "../parts/dialog.js";
import { Form, TextField } from "../parts/fields.js";
import { timeOfDay } from "../times.js";
import { whoIs } from "./history.js";
import { TransferDialog } from "./transfer.js";

/** @import { Call } from "../../shared/types.js" */
/** @import { PanelsStore } from "../panels/store.js" */
/** @import { WaitingEntry } from "./feed.js" */
/** @import { CallGroup } from "./history.js" */
/** @import { CallsStore } from "./store.js" */

const WAITING_SHOWN = 30;
const TODAY_SHOWN = 30;

/** @param {{ calls: CallsStore, panels: PanelsStore }} props */
export function CallsScreen({ calls, panels }) {
  const places = panels.settingsOf(calls.station.panel)?.places ?? [];
  return html`<h1 class="unseen">${desk.nav.calls}</h1>
    <div class="counter">
      <div class="stack">
        <${Next} calls=${calls} />
        <${Current} calls=${calls} panels=${panels} />
        <${Typed} calls=${calls} places=${places} />
      </div>
      <${Waiting} calls=${calls} />
    </div>
    <${Today} calls=${calls} />`;
}

/** @param {{ calls: CallsStore }} props */
function Next({ calls }) {
  return html`<${Button}
    look="main huge"
    shortcut="F2"
    pending=${calls.isPending("next")}
    onPress=${calls.callNext}
  >
    ${desk.calls.next}
  <//>`;
}

/**
 * The buttons stay where they are, and keep the focus, whoever is called.
 *
 * @param {{ calls: CallsStore, panels: PanelsStore }} props
 */
function Current({ calls, panels }) {
  const call = calls.current.value;
  return html`<section class="card" aria-labelledby="current-heading">
    <h2 id="current-heading">${desk.calls.current}</h2>
    ${call ? drawCalled(call) : html`<p class="who soft">${desk.calls.noCurrent}</p>`}
    <${CurrentActions} call=${call} calls=${calls} />
    ${
      call && calls.transferring.value
        ? html`<${TransferDialog} call=${call} calls=${calls} panels=${panels} />`
        : null
    }
  </section>`;
}

/** @param {Call} call */
function drawCalled({ ticket, name, place, called_at: at }) {
  const where = [place, fill(desk.calls.calledAt, { time: timeOfDay(at) })].filter(Boolean);
  return html`<p class="who">
      ${ticket ? html`<strong>${ticket}</strong>` : null}
      <span>${name}</span>
    </p>
    <p class="soft">${where.join(" · ")}</p>`;
}

/** @param {{ call: Call | null, calls: CallsStore }} props */
function CurrentActions({ call, calls }) {
  const left = calls.undoLeftS.value;
  /** @param {string} verb @param {(call: Call) => void} action */
  const acting = (verb, action) => ({
    off: !call,
    pending: call !== null && calls.isPending(`${verb}:${call.id}`),
    onPress: () => call && action(call),
  });
  return html`<div class="row dense">
    <${Button} shortcut="F4" ...${acting("recall", calls.recall)}>${desk.calls.recall}<//>
    <${Button} shortcut="F8" ...${acting("cancel", calls.undo)} off=${left === 0}>
      ${desk.calls.undo}${
        left ? html`<span aria-hidden="true"> ${fill(desk.seconds, { s: left })}</span>` : null
      }
    <//>
    <${Button} shortcut="F10" ...${acting("no-show", calls.noShow)}>${desk.calls.noShowButton}<//>
    <${Button} shortcut="F9" ...${acting("attended", calls.attended)}>${desk.calls.finish}<//>
    <${Button} shortcut="F7" ...${acting("transfer", calls.openTransfer)}>
      ${desk.calls.transfer}
    <//>
  </div>`;
}

/** @param {{ calls: CallsStore, places: readonly string[] }} props */
function Typed({ calls, places }) {
  const draft = calls.draft.value;
  /** @param {keyof typeof draft} part */
  const field = (part) => ({
    label: desk.calls[part],
    value: draft[part],
    maxLength: 200,
    onValue: (/** @type {string} */ value) => {
      calls.draft.value = { ...calls.draft.value, [part]: value };
    },
  });
  return html`<section class="card" aria-labelledby="typed-heading">
    <h2 id="typed-heading">${desk.calls.typed}</h2>
    <${Form} class="typed" onSubmit=${calls.callDraft}>
      <${TextField} ...${field("ticket")} class="short" />
      <${TextField} ...${field("name")} />
      <${TextField} ...${field("place")} choices=${places} />
      <div class="row">
        <${Button} look="main" pending=${calls.isPending("typed")}>${desk.calls.call}<//>
        <${Button} pending=${calls.isPending("add")} onPress=${calls.addDraft}>
          ${desk.calls.add}
        <//>
      </div>
    <//>
  </section>`;
}

/** @param {{ calls: CallsStore }} props */
function Waiting({ calls }) {
  const [shown, setShown] = useState(WAITING_SHOWN);
  const [leaving, setLeaving] = useState(/** @type {WaitingEntry | null} */ (null));
  const waiting = calls.feed.waiting.value;
  const count = waiting?.length ?? 0;
  const remove = async (/** @type {WaitingEntry} */ entry) => {
    if (await calls.removeWaiting(entry)) setLeaving(null);
  };
  return html`<section class="card" aria-labelledby="waiting-heading">
    <h2 id="waiting-heading">
      ${desk.calls.waiting} ${waiting ? html`<span class="count">${count}</span>` : null}
    </h2>
    ${waiting === null ? html`<p class="soft">${desk.loading}</p>` : null}
    ${waiting && count === 0 ? html`<p class="soft">${desk.calls.nobodyWaits}</p>` : null}
    <ol class="people" aria-labelledby="waiting-heading">
      ${waiting
        ?.slice(0, shown)
        .map(
          (entry) =>
            html`<${Person}
              key=${entry.id}
              entry=${entry}
              calls=${calls}
              onRemove=${setLeaving}
            />`,
        )}
    </ol>
    <${More} left=${count - shown} onMore=${() => setShown(shown + WAITING_SHOWN * 2)} />
    ${
      leaving
        ? html`<${Confirmation}
            question=${fill(desk.calls.removeSure, { who: whoIs(leaving) })}
            hint=${desk.calls.removeSureHint}
            verb=${desk.calls.remove}
            pending=${calls.isPending(`remove:${leaving.id}`)}
            onConfirm=${() => remove(leaving)}
            onClose=${() => setLeaving(null)}
          />`
        : null
    }
  </section>`;
}

/** @param {{ entry: WaitingEntry, calls: CallsStore, onRemove: (entry: WaitingEntry) => void }} props */
function Person({ entry, calls, onRemove }) {
  const who = whoIs(entry);
  return html`<li>
    <span class="grow">
      <strong>${entry.ticket}</strong> ${entry.name ?? ""}
      <small class="soft">
        ${[entry.place, fill(desk.calls.since, { time: timeOfDay(entry.since) })]
          .filter(Boolean)
          .join(" · ")}
      </small>
    </span>
    <${Button}
      look="small"
      label=${fill(desk.calls.callOne, { who })}
      pending=${calls.isPending(`waiting:${entry.id}`)}
      onPress=${() => calls.callWaiting(entry)}
      >${desk.calls.call}<//
    >
    <${Button}
      look="small quiet"
      label=${fill(desk.calls.removeOne, { who })}
      onPress=${() => onRemove(entry)}
      >${desk.calls.remove}<//
    >
  </li>`;
}

/** @param {{ calls: CallsStore }} props */
function Today({ calls }) {
  const [shown, setShown] = useState(TODAY_SHOWN);
  const groups = calls.today.value;
  return html`<section class="card" aria-labelledby="today-heading">
    <h2 id="today-heading">${desk.calls.today} <span class="count">${groups.length}</span></h2>
    ${
      groups.length
        ? html`<table>
            <thead>
              <tr>
                <th scope="col">${desk.calls.time}</th>
                <th scope="col">${desk.calls.who}</th>
                <th scope="col">${desk.calls.place}</th>
                <th scope="col">${desk.calls.status}</th>
                <th scope="col">${desk.calls.action}</th>
              </tr>
            </thead>
            <tbody>
              ${groups
                .slice(0, shown)
                .map(
                  (group) =>
                    html`<${PastCall} key=${group.call.id} group=${group} calls=${calls} />`,
                )}
            </tbody>
          </table>`
        : html`<p class="soft">${desk.calls.nothingToday}</p>`
    }
    <${More} left=${groups.length - shown} onMore=${() => setShown(shown + TODAY_SHOWN * 4)} />
  </section>`;
}

/** @param {{ group: CallGroup, calls: CallsStore }} props */
function PastCall({ group: { call, times }, calls }) {
  const who = whoIs(call);
  const repeatable = call.text === null && (call.status === "calling" || call.status === "no_show");
  return html`<tr class=${call.status}>
    <td>${timeOfDay(call.called_at)}</td>
    <td>
      ${call.text === null ? who : html`<em>${desk.calls.announcement}:</em> ${call.text}`}
      ${times > 1 ? html` <small class="soft">${fill(desk.calls.times, { n: times })}</small>` : null}
    </td>
    <td>${call.place}</td>
    <td>${desk.calls.statuses[call.status]}</td>
    <td>
      ${
        repeatable
          ? html`<${Button}
              look="small"
              label=${fill(desk.calls.recallOne, { who })}
              pending=${calls.isPending(`recall:${call.id}`)}
              onPress=${() => calls.recall(call)}
              >${desk.calls.recall}<//
            >`
          : null
      }
    </td>
  </tr>`;
}

/** @param {{ left: number, onMore: () => void }} props */
function More({ left, onMore }) {
  return left > 0
    ? html`<${Button} look="quiet" onPress=${onMore}>${fill(desk.calls.more, { n: left })}<//>`
    : null;
}
