/** The screen "Painéis": every waiting room, its TVs, pairing and revoking. */
import { signal } from "@preact/signals";

import { NEW_SETTINGS } from "../../shared/settings.js";
import { desk, fill } from "../../shared/strings.js";
import { createPolling } from "../polling.js";

/** @import { Api } from "../../shared/api.js" */
/** @import { Device, Settings } from "../../shared/types.js" */
/** @import { Actions, Notices } from "../actions.js" */
/** @import { Write } from "../writes.js" */

const WATCHED_MS = 5000;
// Titles and places seldom change.
const UNWATCHED_MS = 60_000;
const CODE_LETTERS = 8;

/** @typedef {{ panel: string, settings: Settings, waiting: number, devices: Device[] }} Panel */

/**
 * @param {object} parts
 * @param {Api} parts.api
 * @param {Write} parts.write
 * @param {Actions} parts.actions
 * @param {Notices} parts.notices
 */
export function createPanelsStore({ api, write, actions, notices }) {
  const panels = signal(/** @type {Panel[] | null} */ (null));
  const readAt = signal(0);
  let watched = false;
  const everyMs = () => (watched ? WATCHED_MS : UNWATCHED_MS);
  const polling = createPolling(read, { everyMs, onError: onUnread });

  async function read() {
    const { body } = await api.request("GET", "/v1/panels");
    panels.value = body.panels;
    readAt.value = Date.now();
  }

  /** @param {unknown} error */
  function onUnread(error) {
    if (panels.value === null) actions.fail(error);
  }

  /** Somebody looks at the TVs. @returns {() => void} nobody does any more */
  function watch() {
    watched = true;
    polling.now();
    return () => {
      watched = false;
    };
  }

  /** @param {string} panel @param {string} code @param {string} label */
  async function pair(panel, code, label) {
    const letters = code.toUpperCase().replace(/[^A-Z]/g, "");
    if (letters.length !== CODE_LETTERS) return notices.warn(desk.panels.badCode);
    if (!label.trim()) return notices.warn(desk.panels.needsLabel);
    const body = { user_code: `${letters.slice(0, 4)}-${letters.slice(4)}`, label: label.trim() };
    const wrong = desk.panels.wrongCode;
    return actions.run(
      `pair:${panel}`,
      async () => {
        await write("POST", `${pathOf(panel)}/devices`, body);
        notices.say(fill(desk.panels.paired, { label: body.label }));
        polling.now();
        return true;
      },
      { 400: wrong, 404: wrong, 409: wrong, 410: wrong, 422: wrong },
    );
  }

  /** @param {string} panel @param {Device} device */
  const revoke = (panel, device) =>
    actions.run(`revoke:${device.id}`, async () => {
      await write("DELETE", `${pathOf(panel)}/devices/${encodeURIComponent(device.id)}`);
      notices.say(fill(desk.panels.revoked, { label: device.label }));
      polling.now();
      return true;
    });

  /** @param {string} panel @param {string} title */
  async function create(panel, title) {
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(panel)) return notices.warn(desk.panels.badId);
    if (!title.trim()) return notices.warn(desk.settings.invalid.title);
    const settings = { ...NEW_SETTINGS, title: title.trim() };
    return actions.run(
      "create",
      async () => {
        await write("PUT", pathOf(panel), settings, { "If-None-Match": "*" });
        notices.say(fill(desk.panels.created, { title: settings.title }));
        await read();
        return true;
      },
      { 412: desk.panels.exists },
    );
  }

  return {
    panels,
    /** When `panels` was read, in milliseconds since the epoch. */
    readAt,
    /** @param {string} panel */
    settingsOf: (panel) => panels.value?.find((one) => one.panel === panel)?.settings,
    watch,
    pair,
    revoke,
    create,
    isPending: actions.isPending,
    refresh: polling.now,
    start: polling.start,
    stop: polling.stop,
  };
}

/** @typedef {ReturnType<typeof createPanelsStore>} PanelsStore */

/** @param {string} panel */
export function pathOf(panel) {
  return `/v1/panels/${encodeURIComponent(panel)}`;
}
