/** What outlives a reload: the player's state without what is under way. */

/** @import { Call, Settings } from "../../shared/types.js" */
/** @import { Lease, Past, PlayerState } from "./types.js" */

import { initial } from "./player.js";
import { heard } from "./turn.js";

/** After a longer absence those who were to be called are history. */
const ABSENCE_MS = 120_000;

/**
 * @typedef {object} Snapshot
 * @property {number} savedAt
 * @property {Settings} settings
 * @property {number} offset
 * @property {number | null} cursor
 * @property {number} spoken
 * @property {Lease | null} lease
 * @property {Call[]} waiting not spoken yet, oldest first
 * @property {Past[]} history
 */

/** @param {PlayerState} state @param {number} at @returns {Snapshot} */
export function snapshot(state, at) {
  const { settings, offset, cursor, spoken, lease, current, queue, history } = state;
  const call = current && !current.cancelled ? current.entry.call : null;
  const over = call && call.seq <= heard(state);
  return {
    savedAt: at,
    settings,
    offset,
    cursor,
    spoken,
    lease,
    waiting: [...(call && !over ? [call] : []), ...queue.map((entry) => entry.call)],
    history: [...(call && over ? [{ call, owed: false }] : []), ...history],
  };
}

/** @param {Snapshot} saved @param {number} at @returns {PlayerState} */
export function restored(saved, at) {
  const { settings, offset, cursor, spoken, lease, waiting, history } = saved;
  const kept = at - saved.savedAt <= ABSENCE_MS;
  return {
    ...initial(settings, at),
    offset,
    cursor,
    spoken,
    // Only a device that was alone may go on without asking whether another has taken over.
    lease: lease?.alone ? lease : null,
    queue: kept
      ? waiting.map((call) => ({ call, clip: { status: "none", durationMs: null } }))
      : [],
    history: kept
      ? history
      : [...waiting.map((call) => ({ call, owed: false })).reverse(), ...history],
  };
}
