/**
 * The panel's player: which call is on the screen and what is to be heard, as a state machine without a DOM,
 * a clock or a network. Events go in, effects come out; their answers are events again.
 *
 * Calls come up in the order in which they were made, each once, one at a time.
 */

/** @import { Settings } from "../../shared/types.js" */
/** @import { Effect, PlayerEvent, PlayerState, Turn } from "./types.js" */

import { dayOf } from "../zone.js";
import { receive } from "./arrivals.js";
import * as timing from "./timing.js";
import { begin, broke, clipAnswered, ended, expire, heard } from "./turn.js";
import { tune } from "./voice.js";

/** More than a screen shows (settings allow 6), so that a cancelled one leaves no hole. */
const HISTORY_KEPT = 12;

/**
 * @param {Settings} settings
 * @param {number} at
 * @returns {PlayerState}
 */
export function initial(settings, at) {
  return {
    settings,
    offset: 0,
    opensAt: at + timing.OPENING_MS,
    cursor: null,
    spoken: 0,
    lease: null,
    sound: "off",
    audible: false,
    sounds: 0,
    queue: [],
    current: null,
    history: [],
  };
}

/**
 * @param {PlayerState} state
 * @param {PlayerEvent} event
 * @returns {{ state: PlayerState, effects: Effect[] }}
 */
export function step(state, event) {
  /** @type {Effect[]} */
  const effects = [];
  const { at } = event;
  let next = tune(apply(state, event, effects), at, effects);
  while (next.current && next.current.due <= at) next = expire(next, next.current, at, effects);
  return { state: tidyHistory(beginNext(next, at, effects), at), effects };
}

/** @param {PlayerState} state @returns {number} when a tick is needed, if nothing happens before; Infinity: never */
export function dueAt(state) {
  if (state.current) return state.current.due;
  return state.queue.length > 0 ? state.opensAt : Infinity;
}

/** @param {PlayerState} state @returns {string} id of the call that is to be heard, "" while none is */
export function speaking({ current }) {
  if (!current?.began) return "";
  return ["playing", "saying"].includes(current.phase) ? current.entry.call.id : "";
}

/**
 * @param {PlayerState} state
 * @param {PlayerEvent} event
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function apply(state, event, effects) {
  switch (event.type) {
    case "tick":
      return state;
    case "feed":
      return receive(state, event, effects);
    case "settings":
      return { ...state, settings: event.settings };
    case "lease":
      return takeLease(state, event.lease);
    case "sound":
      effects.push({ type: "report" });
      return { ...state, sound: event.sound };
    case "clip":
      return takeClip(state, event, effects);
    default:
      return takeSound(state, event, effects);
  }
}

/**
 * A device that has just started learns here which of the calls it was about to show the room has heard.
 *
 * @param {PlayerState} state
 * @param {NonNullable<PlayerState["lease"]>} lease
 * @returns {PlayerState}
 */
function takeLease(state, lease) {
  const next = { ...state, lease };
  if (state.lease) return next;
  const known = state.queue.filter(({ call }) => call.seq <= heard(next));
  const past = known.map(({ call }) => ({ call, owed: false }));
  return {
    ...next,
    queue: state.queue.filter((entry) => !known.includes(entry)),
    history: [...past, ...state.history],
  };
}

/**
 * @param {PlayerState} state
 * @param {Extract<PlayerEvent, { type: "clip" }>} event
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function takeClip(state, { at, id, durationMs }, effects) {
  /** @type {import("./types.js").Clip} */
  const clip = { status: durationMs === null ? "failed" : "kept", durationMs };
  const { current } = state;
  if (current?.entry.call.id === id) {
    return clipAnswered(state, { ...current, entry: { ...current.entry, clip } }, at, effects);
  }
  return {
    ...state,
    queue: state.queue.map((entry) => (entry.call.id === id ? { ...entry, clip } : entry)),
  };
}

/**
 * @param {PlayerState} state
 * @param {Extract<PlayerEvent, { sound: number }>} event
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function takeSound(state, event, effects) {
  const { current } = state;
  if (!current || !isSounding(current) || event.sound !== current.sound) return state;
  if (event.type === "ended") return ended(state, current, event.at, effects);
  if (event.type === "broke") return broke(state, current, event.at, effects);
  const length = event.durationMs ?? 2 * timing.speechMs(current.entry);
  const due = event.at + length + timing.OVERDUE_MS;
  return { ...state, current: { ...current, began: true, due } };
}

/** @param {Turn} turn */
function isSounding({ phase }) {
  return ["chime", "playing", "saying", "alarm"].includes(phase);
}

/**
 * @param {PlayerState} state
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function beginNext(state, at, effects) {
  const [entry, ...queue] = state.queue;
  const open = state.lease !== null || at >= state.opensAt;
  if (!entry || state.current || !open) return state;
  return begin({ ...state, queue }, entry, at, effects);
}

/**
 * A name does not outlive the day on which it was called, and a repeat takes the place of what it repeats.
 *
 * @param {PlayerState} state
 * @param {number} at
 * @returns {PlayerState}
 */
function tidyHistory(state, at) {
  const { offset, current, settings } = state;
  const today = dayOf(at + offset, settings.time_zone);
  const repeated = new Set([...state.history, ...(current ? [current.entry] : [])].map(recalled));
  const history = state.history
    .filter(({ call }) => !repeated.has(call.id))
    .filter(({ call }) => {
      const day = dayOf(Date.parse(call.called_at), settings.time_zone);
      return day === today || timing.isFresh(state, call, at);
    })
    .sort((a, b) => b.call.seq - a.call.seq)
    .slice(0, HISTORY_KEPT);
  return { ...state, history };
}

/** @param {{ call: { recall_of: string | null } }} entry */
function recalled({ call }) {
  return call.recall_of;
}
