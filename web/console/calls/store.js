/** The screen "Chamar": what the desk knows of its calls, and what it can do with them. */
import { computed, signal } from "@preact/signals";

import { desk, fill } from "../../shared/strings.js";
import { currentCall, grouped, ofToday, whoIs } from "./history.js";

/** @import { Actions, Notices, Refusals } from "../actions.js" */
/** @import { Station } from "../station.js" */
/** @import { Write } from "../writes.js" */
/** @import { FeedStore, WaitingEntry } from "./feed.js" */
/** @import { Undo } from "./undo.js" */
/** @import { Call } from "../../shared/types.js" */

/** @typedef {{ ticket: string, name: string, place: string }} Draft */

/**
 * @param {object} parts
 * @param {Station} parts.station
 * @param {FeedStore} parts.feed
 * @param {Undo} parts.undo
 * @param {Write} parts.write
 * @param {Actions} parts.actions
 * @param {Notices} parts.notices
 * @param {() => number} [parts.now] milliseconds since the epoch
 */
export function createCallsStore({ station, feed, undo, write, actions, notices, now = Date.now }) {
  const base = `/v1/panels/${encodeURIComponent(station.panel)}`;
  const mine = signal(/** @type {ReadonlySet<string>} */ (new Set()));
  const draft = signal(emptyDraft());
  const transferring = signal(false);
  const current = computed(() => currentCall(feed.history.value.calls, station.place, mine.value));
  const today = computed(() => grouped(ofToday(feed.history.value.calls, new Date(now()))));
  const undoLeftS = computed(() =>
    current.value && undo.call.value?.id === current.value.id ? undo.leftS.value : 0,
  );

  function emptyDraft() {
    return { ticket: "", name: "", place: station.place ?? "" };
  }

  /** @param {Call} call @param {number} sentAt */
  function made(call, sentAt) {
    mine.value = new Set([...mine.value, call.id]);
    undo.start(call, sentAt);
    feed.learn(call);
  }

  /**
   * @param {string} name of the action
   * @param {string} path
   * @param {unknown} body
   * @param {string} words said of the new call
   * @param {Refusals} [refused]
   * @returns {Promise<boolean | undefined>} true: called; false: there was nobody to call
   */
  async function announce(name, path, body, words, refused) {
    const work = async () => {
      const sentAt = now();
      const { status, body: call } = await write("POST", `${base}${path}`, body);
      if (status === 204) {
        notices.warn(desk.calls.nobody);
        return false;
      }
      made(call, sentAt);
      notices.say(fill(words, { who: whoIs(call) }));
      return true;
    };
    const called = await actions.run(name, work, refused);
    // Refused or with nobody left, this desk has seen an old state.
    if (!called) feed.refresh();
    return called;
  }

  const callNext = () =>
    announce(
      "next",
      "/calls/next",
      station.place ? { place: station.place } : {},
      desk.calls.called,
    );

  async function callDraft() {
    const parts = partsOf(draft.value);
    if (!parts) return notices.warn(desk.calls.needsWho);
    if (await announce("typed", "/calls", parts, desk.calls.called)) draft.value = emptyDraft();
  }

  async function addDraft() {
    const parts = partsOf(draft.value);
    if (!parts) return notices.warn(desk.calls.needsWho);
    await actions.run("add", async () => {
      await write("POST", `${base}/waiting`, { entries: [parts] });
      notices.say(fill(desk.calls.added, { who: whoIs({ ticket: null, name: null, ...parts }) }));
      draft.value = emptyDraft();
      feed.refresh();
    });
  }

  /** @param {WaitingEntry} entry */
  async function callWaiting({ id, place }) {
    const to = station.place ?? place;
    const body = { waiting: id, ...(to ? { place: to } : {}) };
    const gone = { 404: desk.calls.taken };
    if (!(await announce(`waiting:${id}`, "/calls", body, desk.calls.called, gone))) return;
    feed.forgetWaiting(id);
  }

  /** @param {WaitingEntry} entry */
  const removeWaiting = (entry) =>
    actions.run(
      `remove:${entry.id}`,
      async () => {
        await write("DELETE", `${base}/waiting/${encodeURIComponent(entry.id)}`);
        feed.forgetWaiting(entry.id);
        notices.say(fill(desk.calls.removed, { who: whoIs(entry) }));
        return true;
      },
      { 404: desk.calls.taken },
    );

  /** @param {Call} call */
  const recall = (call) =>
    announce(`recall:${call.id}`, `${pathOf(call)}/recall`, undefined, desk.calls.recalled);

  /** @param {Call} call @param {string} verb @param {string} words @param {unknown} [body] */
  const end = async (call, verb, words, body) => {
    const work = async () => {
      const answer = await write("POST", `${base}${pathOf(call)}/${verb}`, body);
      feed.learn(answer.body);
      notices.say(fill(words, { who: whoIs(call) }));
      return true;
    };
    const refused = verb === "cancel" ? { 409: desk.calls.undoLate } : {};
    const ended = await actions.run(`${verb}:${call.id}`, work, refused);
    if (!ended) feed.refresh();
    return ended;
  };

  return {
    station,
    feed,
    draft,
    current,
    today,
    undoLeftS,
    /** Whether the current call's transfer is being filled in. */
    transferring,
    openTransfer: () => (transferring.value = true),
    callNext,
    callDraft,
    addDraft,
    callWaiting,
    removeWaiting,
    recall,
    /** @param {Call} call */
    undo: (call) =>
      end(call, "cancel", call.text === null ? desk.calls.undone : desk.announcement.undone),
    /** @param {Call} call */
    attended: (call) => end(call, "attended", desk.calls.attended),
    /** @param {Call} call */
    noShow: (call) => end(call, "no-show", desk.calls.noShow),
    /** @param {Call} call @param {{ panel: string, place: string }} to */
    transfer: (call, to) =>
      end(call, "transfer", desk.calls.transferred, {
        ...(to.panel === station.panel ? {} : { panel: to.panel }),
        ...(to.place.trim() ? { place: to.place.trim() } : {}),
      }),
    isPending: actions.isPending,
  };
}

/** @typedef {ReturnType<typeof createCallsStore>} CallsStore */

/** @param {Call} call */
function pathOf(call) {
  return `/calls/${encodeURIComponent(call.id)}`;
}

/**
 * @param {{ ticket: string | null, name: string | null, place: string | null }} draft
 * @returns {{ ticket?: string, name?: string, place?: string } | null} null: nobody is named
 */
export function partsOf({ ticket, name, place }) {
  const said = Object.entries({ ticket, name, place })
    .map(([part, value]) => [part, value?.trim() ?? ""])
    .filter(([, value]) => value);
  const parts = Object.fromEntries(said);
  return parts.ticket || parts.name ? parts : null;
}
