/** What the feed tells, as the desk keeps it: the panel's calls in order, each in its latest state. */

/** @import { Call, Feed } from "../../shared/types.js" */

const CALLS_MAX = 600;

/**
 * @typedef {object} History
 * @property {number} seq of the last event seen; 0 before the first
 * @property {string | null} settings their version
 * @property {readonly Call[]} calls by seq
 *
 * @typedef {object} CallGroup one patient's call and its repetitions
 * @property {Call} call the latest
 * @property {number} times how often it was made
 */

/** @type {History} */
export const NOTHING_YET = { seq: 0, settings: null, calls: [] };

/**
 * @param {History} history
 * @param {Feed} feed
 * @returns {History}
 */
export function withFeed(history, feed) {
  const calls = feed.events.reduce((kept, { call }) => withCall(kept, call), history.calls);
  const reached = feed.more ? (feed.events[feed.events.length - 1]?.seq ?? 0) : feed.seq;
  return {
    seq: Math.max(history.seq, reached),
    settings: feed.settings,
    calls: calls.slice(-CALLS_MAX),
  };
}

/**
 * A call's end is final: an older event, read after the answer to this desk's own request, does not
 * bring it back.
 *
 * @param {readonly Call[]} calls
 * @param {Call} call
 * @returns {readonly Call[]}
 */
export function withCall(calls, call) {
  const known = calls.find(({ id }) => id === call.id);
  if (known && known.status !== "calling" && call.status === "calling") return calls;
  const others = known ? calls.filter(({ id }) => id !== call.id) : calls;
  return [...others, call].sort((one, other) => one.seq - other.seq);
}

/**
 * @param {readonly Call[]} calls
 * @returns {CallGroup[]} latest first
 */
export function grouped(calls) {
  /** @type {Map<string, string>} */
  const firsts = new Map();
  /** @type {Map<string, CallGroup>} */
  const groups = new Map();
  for (const call of calls) {
    const first = call.recall_of ? (firsts.get(call.recall_of) ?? call.recall_of) : call.id;
    firsts.set(call.id, first);
    groups.set(first, withMember(groups.get(first), call));
  }
  return [...groups.values()].sort((one, other) => other.call.seq - one.call.seq);
}

/**
 * A repetition that was undone counts for nothing, unless nothing else is left.
 *
 * @param {CallGroup | undefined} group
 * @param {Call} call a later one
 * @returns {CallGroup}
 */
function withMember(group, call) {
  if (!group || group.call.status === "cancelled") return { call, times: 1 };
  return call.status === "cancelled" ? group : { call, times: group.times + 1 };
}

/**
 * The patient this desk is calling: the latest made here or for its own place. A desk without a
 * place of its own sees the panel's latest. One that was undone counts as never made.
 *
 * @param {readonly Call[]} calls
 * @param {string | null} place
 * @param {ReadonlySet<string>} mine ids of calls made here
 * @returns {Call | null}
 */
export function currentCall(calls, place, mine) {
  const latest = grouped(calls).find(
    ({ call }) =>
      call.status !== "cancelled" &&
      call.text === null &&
      (place === null || call.place === place || mine.has(call.id)),
  );
  return latest && latest.call.status === "calling" ? latest.call : null;
}

/**
 * @param {readonly Call[]} calls
 * @param {Date} now
 * @returns {Call[]} those of the present day, on this computer's calendar
 */
export function ofToday(calls, now) {
  const today = now.toDateString();
  return calls.filter(({ called_at: at }) => new Date(at).toDateString() === today);
}

/**
 * @param {{ ticket: string | null, name: string | null, text?: string | null, place?: string | null }} of
 * @returns {string} who is meant, as the desk says it
 */
export function whoIs({ ticket, name, text = null, place = null }) {
  return [ticket, name].filter(Boolean).join(" · ") || text || place || "?";
}
