/**
 * One call's turn on the screen: chime, speech with its fallbacks, repeats, time to read.
 *
 * Speech is looked for in this order, each step with its time-out: the clip that was fetched ahead, a fresh one,
 * that once more, the system's voice, the chime alone. Nothing that sounds is cut off.
 */

/** @import { Effect, Entry, PlayerState, Turn } from "./types.js" */

import { isQuiet } from "../zone.js";
import * as timing from "./timing.js";

/**
 * Lets the next call of the queue come on the screen.
 *
 * @param {PlayerState} state without a current call
 * @param {Entry} entry
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function begin(state, entry, at, effects) {
  /** @type {Turn} */
  const turn = {
    entry,
    phase: "shown",
    since: at,
    due: at,
    sound: 0,
    began: false,
    times: 0,
    fetches: 0,
    cancelled: false,
    owed: false,
  };
  const next = { ...state, current: turn };
  if (!state.audible || entry.call.seq <= heard(state)) return silence(next, turn, at);
  return state.settings.chime === "none"
    ? speak(next, turn, at, effects)
    : sounding(next, { ...turn, phase: "chime" }, at, effects);
}

/** @param {PlayerState} state @returns {number} seq of the last call that the room has heard, from whichever device */
export function heard(state) {
  return Math.max(state.spoken, state.lease ? state.lease.spoken : 0);
}

/**
 * Shows the call without speaking it, for as long as it would be spoken.
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @returns {PlayerState}
 */
export function silence(state, turn, at) {
  const { settings, offset } = state;
  const quiet = isQuiet(settings.quiet_hours, at + offset, settings.time_zone);
  const owed = !quiet && turn.entry.call.seq > heard(state);
  const due = turn.since + timing.silentMs(turn.entry, settings);
  return { ...state, current: { ...turn, phase: "shown", due, owed } };
}

/**
 * The current phase ran out of time.
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function expire(state, turn, at, effects) {
  switch (turn.phase) {
    case "shown":
    case "hold":
      return finish(state, turn, effects);
    case "chime":
    case "pause":
      return speak(state, turn, at, effects);
    case "clip":
      return fetchFresh(state, turn, at, effects);
    case "playing":
    case "saying":
    case "alarm":
      return broke(state, turn, at, effects);
  }
}

/**
 * The current sound is over.
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function ended(state, turn, at, effects) {
  if (turn.cancelled) return finish(state, turn, effects);
  if (turn.phase === "chime") return speak(state, turn, at, effects);
  const times = turn.times + 1;
  const quiet = { ...turn, began: false, times };
  if (turn.phase !== "alarm" && times < state.settings.repeats) {
    return { ...state, current: { ...quiet, phase: "pause", due: at + timing.PAUSE_MS } };
  }
  return hold(state, quiet, at, effects);
}

/**
 * The current sound could not be made, or never told its end.
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function broke(state, turn, at, effects) {
  if (turn.cancelled) return finish(state, turn, effects);
  const silent = { ...turn, began: false };
  switch (turn.phase) {
    case "chime":
      return speak(state, silent, at, effects);
    case "playing":
      return fetchFresh(state, silent, at, effects);
    case "saying":
      return turn.times > 0
        ? hold(state, silent, at, effects)
        : sounding(state, { ...silent, phase: "alarm" }, at, effects);
    default:
      return hold(state, silent, at, effects);
  }
}

/**
 * A clip for the current call came, or could not be had (`turn.entry.clip` tells).
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function clipAnswered(state, turn, at, effects) {
  const next = { ...state, current: turn };
  if (turn.phase === "clip") return speak(next, turn, at, effects);
  if (turn.phase !== "shown") return next;
  const due = turn.since + timing.silentMs(turn.entry, state.settings);
  return { ...next, current: { ...turn, due } };
}

/**
 * The call was cancelled: it leaves the screen, after the sentence if one is being spoken.
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function cancel(state, turn, effects) {
  const cancelled = { ...turn, cancelled: true };
  const sounds = ["chime", "playing", "saying", "alarm"].includes(turn.phase);
  return sounds ? { ...state, current: cancelled } : finish(state, cancelled, effects);
}

/**
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function speak(state, turn, at, effects) {
  if (turn.cancelled) return finish(state, turn, effects);
  const { status } = turn.entry.clip;
  if (status === "kept") return sounding(state, { ...turn, phase: "playing" }, at, effects);
  const isAhead = status === "fetching" && turn.fetches === 0;
  return isAhead
    ? { ...state, current: { ...turn, phase: "clip", due: at + timing.CLIP_MS } }
    : fetchFresh(state, turn, at, effects);
}

/**
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function fetchFresh(state, turn, at, effects) {
  if (turn.fetches === timing.FETCHES_PER_TURN) {
    return sounding(state, { ...turn, phase: "saying" }, at, effects);
  }
  effects.push({ type: "fetch", id: turn.entry.call.id });
  const asked = { ...turn, fetches: turn.fetches + 1 };
  return { ...state, current: { ...asked, phase: "clip", due: at + timing.CLIP_MS } };
}

/**
 * Asks for the sound of the turn's phase.
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function sounding(state, turn, at, effects) {
  const sound = state.sounds + 1;
  const { call } = turn.entry;
  if (turn.phase === "playing") effects.push({ type: "play", sound, id: call.id });
  else if (turn.phase === "saying") effects.push({ type: "say", sound, call });
  else effects.push({ type: "chime", sound });
  const due = at + timing.START_MS;
  return { ...state, sounds: sound, current: { ...turn, sound, began: false, due } };
}

/**
 * The call was spoken as well as could be.
 *
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function hold(state, turn, at, effects) {
  effects.push({ type: "report" });
  const due = Math.max(turn.since + timing.MIN_SHOWN_MS, at + timing.TAIL_MS);
  return { ...state, spoken: turn.entry.call.seq, current: { ...turn, phase: "hold", due } };
}

/**
 * @param {PlayerState} state
 * @param {Turn} turn
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function finish(state, turn, effects) {
  const { call } = turn.entry;
  // An owed call's clip stays: it may be spoken yet, and the cache lets go of it by itself.
  if (!turn.owed || turn.cancelled) effects.push({ type: "forget", id: call.id });
  const past = turn.cancelled ? [] : [{ call, owed: turn.owed }];
  return { ...state, current: null, history: [...past, ...state.history] };
}
