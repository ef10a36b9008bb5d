/** Whether this device speaks for the room, and what it owes the room when it begins to. */

/** @import { Effect, PlayerState } from "./types.js" */

import { isQuiet } from "../zone.js";
import { isFresh } from "./timing.js";
import { heard, silence } from "./turn.js";

/**
 * Sets `audible`. A device that becomes audible goes on after what the room has heard: calls that it showed
 * silently and that are still fresh come up again. One that loses its sound shows the rest of the call silently.
 *
 * @param {PlayerState} state
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
export function tune(state, at, effects) {
  const audible = isAudible(state, at);
  if (audible === state.audible) return state;
  const next = { ...state, audible };
  if (audible) return resume(next, at, effects);
  const { current } = next;
  const mute = current && next.sound !== "on" && !["shown", "hold"].includes(current.phase);
  return mute ? silence(next, current, at) : next;
}

/**
 * A lapsed lease counts on while no other device lives that could have taken it over.
 *
 * @param {PlayerState} state
 * @param {number} at
 */
function isAudible({ sound, lease, settings, offset }, at) {
  if (sound !== "on" || !lease?.voice) return false;
  if (isQuiet(settings.quiet_hours, at + offset, settings.time_zone)) return false;
  return lease.alone || at < lease.until;
}

/**
 * @param {PlayerState} state
 * @param {number} at
 * @param {Effect[]} effects
 * @returns {PlayerState}
 */
function resume(state, at, effects) {
  const { current, history, queue } = state;
  const shown = current?.phase === "shown" && current.owed ? current : null;
  const owed = history.filter(
    ({ owed, call }) => owed && call.seq > heard(state) && isFresh(state, call, at),
  );
  if (!shown && owed.length === 0) return state;
  const again = owed.map(({ call }) => {
    effects.push({ type: "fetch", id: call.id });
    return { call, clip: { status: /** @type {const} */ ("fetching"), durationMs: null } };
  });
  return {
    ...state,
    current: shown ? null : current,
    history: history.filter((past) => !owed.includes(past)),
    queue: [...again, ...(shown ? [shown.entry] : []), ...queue].sort(
      (a, b) => a.call.seq - b.call.seq,
    ),
  };
}
