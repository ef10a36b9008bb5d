/** How long things take and may take, in milliseconds. */

/** @import { Call, Settings } from "../../shared/types.js" */
/** @import { Entry } from "./types.js" */

/** A call older than this is shown and not spoken: its patient is there already, or gone. */
const FRESH_MS = 120_000;

/** How long a first heartbeat is waited for before calls are shown without knowing what the room has heard. */
export const OPENING_MS = 4_000;

/** A name is read from across the room in this time, even where its speech is shorter. */
export const MIN_SHOWN_MS = 5_000;

/** After the last word, before the next call takes the screen. */
export const TAIL_MS = 1_500;

export const PAUSE_MS = 1_200;

/** One chance to get a clip; a turn has three: the one under way, a fresh one, and that once more. */
export const CLIP_MS = 6_000;
export const FETCHES_PER_TURN = 2;

/** From asking for a sound until it is to be heard. */
export const START_MS = 4_000;

/** A sound that has not told its end this long after it is over never will. */
export const OVERDUE_MS = 3_000;

const CHIME_MS = 1_800;
const MS_PER_CHARACTER = 75;
const LEAD_MS = 800;

/**
 * @param {{ offset: number }} state the server's clock minus this device's
 * @param {Call} call
 * @param {number} at
 */
export function isFresh({ offset }, call, at) {
  return at + offset - Date.parse(call.called_at) <= FRESH_MS;
}

/** @param {Entry} entry @returns {number} length of its speech, guessed from its letters where no clip tells */
export function speechMs({ call, clip }) {
  if (clip.durationMs !== null) return clip.durationMs;
  const letters = [call.ticket, call.name, call.place, call.text].join(" ").length;
  return LEAD_MS + letters * MS_PER_CHARACTER;
}

/** @param {Entry} entry @param {Settings} settings @returns {number} time on the screen of a call that is not spoken here */
export function silentMs(entry, { repeats, chime }) {
  const spoken = repeats * speechMs(entry) + (repeats - 1) * PAUSE_MS;
  return Math.max(MIN_SHOWN_MS, (chime === "none" ? 0 : CHIME_MS) + spoken + TAIL_MS);
}
