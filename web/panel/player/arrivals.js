/** What the feed brings: calls into the queue, late ones into the history, cancelled ones out of both. */

/** @import { Call, PanelEvent } from "../../shared/types.js" */
/** @import { Effect, PlayerEvent, PlayerState } from "./types.js" */

import { isQuiet } from "../zone.js";
import { isFresh } from "./timing.js";
import { cancel, heard } from "./turn.js";

/**
 * @param {PlayerState} state
 * @param {Extract<PlayerEvent, { type: "feed" }>} feed
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function receive(state, feed, effects) {
  // The panel was made anew and counts from one again: what was known belongs to the old one.
  if (state.cursor !== null && feed.seq < state.cursor) {
    return { ...state, cursor: null, spoken: 0, lease: null };
  }
  let next = { ...state, offset: feed.now - feed.at };
  for (const event of feed.events) next = take(next, event, feed, effects);
  return feed.more ? next : { ...next, cursor: Math.max(feed.seq, next.cursor ?? 0) };
}

/**
 * @param {PlayerState} state
 * @param {PanelEvent} event
 * @param {{ at: number, now: number }} clocks
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function take(state, event, clocks, effects) {
  if (event.seq <= (state.cursor ?? 0)) return state;
  const next = { ...state, cursor: event.seq };
  if (event.type === "cancelled") return withdraw(next, event.call.id, effects);
  if (event.type !== "call" || event.call.status === "cancelled") return next;
  return knows(state, event.call.id) ? next : arrive(next, event.call, clocks, effects);
}

/**
 * @param {PlayerState} state
 * @param {Call} call
 * @param {{ at: number, now: number }} clocks
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function arrive(state, call, { at, now }, effects) {
  const known = state.lease !== null && call.seq <= heard(state);
  if (known || !isFresh(state, call, at)) {
    return { ...state, history: [{ call, owed: false }, ...state.history] };
  }
  const { time_zone, quiet_hours } = state.settings;
  const quiet = isQuiet(quiet_hours, now, time_zone);
  if (!quiet) effects.push({ type: "fetch", id: call.id });
  /** @type {import("./types.js").Clip} */
  const clip = { status: quiet ? "none" : "fetching", durationMs: null };
  return { ...state, queue: [...state.queue, { call, clip }] };
}

/**
 * @param {PlayerState} state
 * @param {string} id
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function withdraw(state, id, effects) {
  const { current } = state;
  if (current?.entry.call.id === id) return cancel(state, current, effects);
  effects.push({ type: "forget", id });
  return {
    ...state,
    queue: state.queue.filter(({ call }) => call.id !== id),
    history: state.history.filter(({ call }) => call.id !== id),
  };
}

/** @param {PlayerState} state @param {string} id */
function knows(state, id) {
  const { queue, current, history } = state;
  return [...queue, ...history, ...(current ? [current.entry] : [])].some(
    ({ call }) => call.id === id,
  );
}
