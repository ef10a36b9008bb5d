/** Keeps the desk's history and waiting list as the API has them, whoever changed them. */
import { signal } from "@preact/signals";

import { createPolling } from "../polling.js";
import { NOTHING_YET, withCall, withFeed } from "./history.js";

/** @import { Api } from "../../shared/api.js" */
/** @import { Call } from "../../shared/types.js" */

const FEED_MS = 2000;
// Somebody may check in without an event on the feed.
const WAITING_EVERY_ROUNDS = 3;
// How far back "today" is read when the desk opens: 100 events an answer.
const BACK_EVENTS = 600;
const PAGES_MAX = 8;

/**
 * @typedef {object} WaitingEntry
 * @property {string} id
 * @property {string | null} ticket
 * @property {string | null} name
 * @property {string | null} place
 * @property {string} since RFC 3339
 */

/**
 * @param {object} parts
 * @param {Api} parts.api
 * @param {string} parts.panel
 * @param {(error: unknown) => void} parts.onError
 */
export function createFeed({ api, panel, onError }) {
  const base = `/v1/panels/${encodeURIComponent(panel)}`;
  const history = signal(NOTHING_YET);
  const waiting = signal(/** @type {readonly WaitingEntry[] | null} */ (null));
  // This computer's clock may be wrong; ages are told by the API's.
  const aheadMs = signal(0);
  /** @type {Record<string, string | null>} */
  const etags = {};
  let rounds = 0;
  const polling = createPolling(round, { everyMs: () => FEED_MS, onError });

  async function round() {
    const first = history.value === NOTHING_YET;
    const changed = await readEvents(first ? "" : `?after=${history.value.seq}`);
    if (changed || rounds++ % WAITING_EVERY_ROUNDS === 0) await readWaiting();
    if (first) await readBack(Math.max(0, history.value.seq - BACK_EVENTS));
  }

  /** @param {string} query @returns {Promise<boolean>} whether anything happened */
  async function readEvents(query) {
    let next = query;
    let changed = false;
    for (let page = 0; page < PAGES_MAX; page++) {
      const feed = await read(`${base}/calls${next}`);
      if (!feed) return changed;
      changed ||= feed.events.length > 0;
      history.value = withFeed(history.value, feed);
      aheadMs.value = Date.parse(feed.now) - Date.now();
      if (!feed.more) return changed;
      next = `?after=${history.value.seq}`;
    }
    return changed;
  }

  /** @param {number} start seq to read on from, up to what is known */
  async function readBack(start) {
    let after = start;
    for (let page = 0; page < PAGES_MAX; page++) {
      const { body } = await api.request("GET", `${base}/calls?after=${after}`);
      history.value = withFeed(history.value, body);
      if (!body.more) return;
      after = body.events[body.events.length - 1].seq;
    }
  }

  async function readWaiting() {
    const answer = await read(`${base}/waiting`);
    if (answer) waiting.value = answer.waiting;
  }

  /** @param {string} path @returns {Promise<any>} null when it is as it was */
  async function read(path) {
    const etag = etags[path];
    const answer = await api.request("GET", path, {
      headers: etag ? { "If-None-Match": etag } : {},
    });
    if (answer.status === 304) return null;
    // Only the latest cursor's tag is of use.
    for (const known of Object.keys(etags)) {
      if (known.split("?")[0] === path.split("?")[0]) delete etags[known];
    }
    etags[path] = answer.etag;
    return answer.body;
  }

  /** @param {Call} call from an answer to this desk: shown before the feed tells */
  function learn(call) {
    history.value = { ...history.value, calls: withCall(history.value.calls, call) };
    polling.now();
  }

  /** @param {string} id of an entry that waits no longer */
  function forgetWaiting(id) {
    waiting.value = waiting.value?.filter((entry) => entry.id !== id) ?? null;
  }

  function refresh() {
    rounds = 0;
    polling.now();
  }

  return {
    history,
    waiting,
    /** By how many milliseconds the API's clock is ahead of this computer's. */
    aheadMs,
    connected: polling.connected,
    learn,
    forgetWaiting,
    refresh,
    start: polling.start,
    stop: polling.stop,
  };
}

/** @typedef {ReturnType<typeof createFeed>} FeedStore */
