/** Draws the page: sign in, choose the station, then the frame around the screens. */
import { useEffect, useMemo, useState } from "preact/hooks";

import { html } from "../shared/html.js";
import { common, desk as words } from "../shared/strings.js";
import { AnnouncementScreen } from "./announcement/view.js";
import { AuditScreen } from "./audit/view.js";
import { CallsScreen } from "./calls/view.js";
import { ChooseStation } from "./choose-station.js";
import { createDesk } from "./desk.js";
import { Help } from "./help.js";
import { LexiconScreen } from "./lexicon/view.js";
import { ListScreen } from "./list/view.js";
import { PanelsScreen } from "./panels/view.js";
import { Button } from "./parts/button.js";
import { NoticeBoard, NoticesContext } from "./parts/notices.js";
import { FRAGMENTS, SCREENS } from "./route.js";
import { listenForShortcuts } from "./shortcuts.js";
import { SignIn } from "./sign-in.js";
import { createWorkplace } from "./workplace.js";

/** @import { ReadonlySignal } from "@preact/signals" */
/** @import { Appearance } from "./appearance.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Screen } from "./route.js" */
/** @import { Session } from "./session.js" */
/** @import { Station, StationChoice } from "./station.js" */
/** @import { Workplace } from "./workplace.js" */

/**
 * @typedef {object} Parts
 * @property {Session} session
 * @property {StationChoice} choice
 * @property {ReadonlySignal<Screen>} screen
 * @property {Appearance} appearance
 */

/** @param {Parts} parts */
export function App(parts) {
  const { session } = parts;
  return session.token.value === null
    ? html`<${SignIn} session=${session} />`
    : html`<${SignedIn} key=${session.token.value} ...${parts} />`;
}

/** @param {Parts} parts */
function SignedIn(parts) {
  const desk = useMemo(() => createDesk(parts.session), []);
  useEffect(() => {
    desk.start();
    return desk.stop;
  }, []);
  const station = parts.choice.station.value;
  return html`<${NoticesContext.Provider} value=${desk.notices}>
    ${
      station
        ? html`<${AtWork}
            key=${JSON.stringify(station)}
            desk=${desk}
            station=${station}
            ...${parts}
          />`
        : html`<${ChooseStation} panels=${desk.panels} choice=${parts.choice} /> <${NoticeBoard} />`
    }
  <//>`;
}

/** @param {Parts & { desk: Desk, station: Station }} props */
function AtWork({ desk, station, ...parts }) {
  const workplace = useMemo(() => createWorkplace(desk, station), []);
  const [helping, setHelping] = useState(false);
  const screen = parts.screen.value;
  useEffect(() => {
    workplace.start();
    return workplace.stop;
  }, []);
  useEffect(() => listenForShortcuts(() => shortcuts(workplace, parts, setHelping)), []);
  useEffect(() => {
    document.title = `${words.nav[screen]} · ${common.product}`;
    desk.notices.clear();
    desk.listening.stop();
  }, [screen]);
  return html`<a class="skip" href="#content" onClick=${skip}>${words.skip}</a>
    <header class="top">
      <p class="product">${common.product}</p>
      <${Navigation} screen=${screen} />
      <p class="station">
        <strong>${workplace.title()}</strong>
        <span>${station.place ?? words.noPlace}</span>
      </p>
      <div class="row">
        <${AppearanceChoice} appearance=${parts.appearance} />
        <${Button} look="quiet small" onPress=${parts.choice.clear}>${words.change}<//>
        <${Button} look="quiet small" onPress=${() => setHelping(true)}>${words.shortcutsOpen}<//>
        <${Button} look="quiet small" onPress=${() => parts.session.leave()}>${words.signOut}<//>
      </div>
    </header>
    <${Connection} workplace=${workplace} />
    <${NoticeBoard} />
    <main id="content" tabindex="-1">
      <${OpenScreen} screen=${screen} desk=${desk} workplace=${workplace} />
    </main>
    ${helping ? html`<${Help} onClose=${() => setHelping(false)} />` : null}`;
}

/** @param {{ screen: Screen, desk: Desk, workplace: Workplace }} props */
function OpenScreen({ screen, desk, workplace }) {
  const { calls, announcement, list, feed, station } = workplace;
  const title = workplace.title();
  switch (screen) {
    case "calls":
      return html`<${CallsScreen} calls=${calls} panels=${desk.panels} />`;
    case "announcement":
      return html`<${AnnouncementScreen} announcement=${announcement} calls=${calls} />`;
    case "list":
      return html`<${ListScreen} list=${list} title=${title} />`;
    case "panels":
      return html`<${PanelsScreen}
        desk=${desk}
        panel=${station.panel}
        aheadMs=${feed.aheadMs.value}
      />`;
    case "lexicon":
      return html`<${LexiconScreen} desk=${desk} />`;
    case "audit":
      return html`<${AuditScreen} desk=${desk} panel=${station.panel} title=${title} />`;
  }
}

/** @param {{ screen: Screen }} props */
function Navigation({ screen }) {
  return html`<nav aria-label=${words.nav.label}>
    <ul>
      ${SCREENS.map(
        (one) =>
          html`<li>
            <a href=${`#${FRAGMENTS[one]}`} aria-current=${one === screen ? "page" : undefined}>
              ${words.nav[one]}
            </a>
          </li>`,
      )}
    </ul>
  </nav>`;
}

/** @param {{ appearance: Appearance }} props */
function AppearanceChoice({ appearance }) {
  /** @param {Event} event */
  const change = (event) =>
    appearance.choose(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`<select aria-label=${words.appearance} onChange=${change}>
    ${Object.entries(words.themes).map(
      ([theme, label]) =>
        html`<option value=${theme} selected=${theme === appearance.theme.value}>${label}</option>`,
    )}
  </select>`;
}

/** @param {{ workplace: Workplace }} props */
function Connection({ workplace }) {
  return html`<div role="status">
    ${workplace.feed.connected.value ? null : html`<p class="notice bad">${words.offline}</p>`}
  </div>`;
}

/**
 * The fragment belongs to the route, so the skip link moves the focus itself.
 *
 * @param {Event} event
 */
function skip(event) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

/**
 * @param {Workplace} workplace
 * @param {Parts} parts
 * @param {(open: boolean) => void} setHelping
 * @returns {import("./shortcuts.js").Shortcuts}
 */
function shortcuts({ calls }, parts, setHelping) {
  const help = () => setHelping(true);
  const common = { "?": help, F1: help };
  if (parts.screen.value !== "calls") return common;
  const call = calls.current.value;
  if (!call) return { ...common, F2: calls.callNext };
  return {
    ...common,
    F2: calls.callNext,
    F4: () => calls.recall(call),
    F7: calls.openTransfer,
    ...(calls.undoLeftS.value > 0 ? { F8: () => calls.undo(call) } : {}),
    F9: () => calls.attended(call),
    F10: () => calls.noShow(call),
  };
}
