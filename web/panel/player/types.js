/**
 * What the player knows, hears and asks for. Every time is in milliseconds on this device's steady clock
 * (`clock.js`); only `offset` leads from there to the server's, in which calls are dated.
 *
 * @import { Call, PanelEvent, Settings } from "../../shared/types.js"
 *
 * @typedef {object} Clip a call's speech on this device
 * @property {"none" | "fetching" | "kept" | "failed"} status
 * @property {number | null} durationMs once it is known
 *
 * @typedef {object} Entry
 * @property {Call} call
 * @property {Clip} clip
 *
 * @typedef {object} Past a call that had its turn, or came too late for one
 * @property {Call} call
 * @property {boolean} owed shown without being spoken: it still is, if this device gets its voice in time
 *
 * @typedef {"shown" | "chime" | "clip" | "playing" | "saying" | "alarm" | "pause" | "hold"} Phase
 * shown: silently, for as long as it would be spoken; clip: waits for one; saying: by the system's voice;
 * alarm: the chime alone, when nothing can speak; pause: between two repeats; hold: spoken, still to be read
 *
 * @typedef {object} Turn the call on the screen
 * @property {Entry} entry
 * @property {Phase} phase
 * @property {number} since when it came on the screen
 * @property {number} due when the phase ends, or is given up
 * @property {number} sound which sound was asked for last; an answer about an earlier one is stale
 * @property {boolean} began the sound is to be heard
 * @property {number} times spoken so far
 * @property {number} fetches clips asked for within this turn
 * @property {boolean} cancelled
 * @property {boolean} owed
 *
 * @typedef {object} Lease
 * @property {boolean} voice
 * @property {number} until
 * @property {boolean} alone no other device of this panel lives
 * @property {number} spoken seq of the last call that the room has heard
 *
 * @typedef {"on" | "blocked" | "off"} Sound
 *
 * @typedef {object} PlayerState
 * @property {Settings} settings
 * @property {number} offset the server's clock minus this device's
 * @property {number} opensAt until then a first heartbeat is waited for, which tells what the room has heard
 * @property {number | null} cursor seq of the last event taken in
 * @property {number} spoken seq of the last call that this device finished speaking
 * @property {Lease | null} lease
 * @property {Sound} sound
 * @property {boolean} audible whether a call that comes up now is spoken here
 * @property {number} sounds asked for so far
 * @property {Entry[]} queue oldest first
 * @property {Turn | null} current
 * @property {Past[]} history newest first
 *
 * @typedef {{ at: number } & (
 *   | { type: "tick" }
 *   | { type: "feed", now: number, seq: number, more: boolean, events: PanelEvent[] }
 *   | { type: "settings", settings: Settings }
 *   | { type: "lease", lease: Lease }
 *   | { type: "sound", sound: Sound }
 *   | { type: "clip", id: string, durationMs: number | null }
 *   | { type: "began", sound: number, durationMs: number | null }
 *   | { type: "ended", sound: number }
 *   | { type: "broke", sound: number }
 * )} PlayerEvent clip: null when none could be had; broke: the sound could not be made
 *
 * @typedef {{ type: "fetch", id: string }
 *   | { type: "forget", id: string }
 *   | { type: "chime", sound: number }
 *   | { type: "play", sound: number, id: string }
 *   | { type: "say", sound: number, call: Call }
 *   | { type: "report" }} Effect report: the server should know at once
 */
export {};
