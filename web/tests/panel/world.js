/** A waiting room around the player: a clock that is moved by hand, and loudspeaker and network that obey. */

/** @import { Call, PanelEvent, Settings } from "../../shared/types.js" */
/** @import { Effect, Lease, PlayerEvent, PlayerState } from "../../panel/player/types.js" */

import { NEW_SETTINGS } from "../../shared/settings.js";
import { dueAt, initial, step } from "../../panel/player/player.js";

/** 2026-03-03, 09:00 in Fortaleza. */
export const MORNING = Date.parse("2026-03-03T12:00:00.000Z");
export const CHIME_MS = 1_500;
export const CLIP_MS = 3_000;
export const SYSTEM_MS = 4_000;

/** @type {Settings} */
export const SETTINGS = { ...NEW_SETTINGS, title: "Recepção", repeats: 1 };

/** @param {number} seq @param {Partial<Call>} [parts] @returns {Call} */
export function call(seq, parts = {}) {
  return {
    id: `c${seq}`,
    seq,
    status: "calling",
    called_at: new Date(MORNING).toISOString(),
    ticket: null,
    name: `Paciente ${seq}`,
    place: "Consultório 3",
    text: null,
    recall_of: null,
    ...parts,
  };
}

/** @typedef {"works" | "fails" | "hangs"} Means */

export class World {
  /** @param {Partial<Settings>} [settings] @param {PlayerState} [state] */
  constructor(settings = {}, state) {
    this.at = MORNING;
    this.state = state ?? initial({ ...SETTINGS, ...settings }, this.at);
    /** What happens to each means of making a sound. @type {Record<"fetch" | "chime" | "play" | "say", Means>} */
    this.means = { fetch: "works", chime: "works", play: "works", say: "works" };
    /** @type {{ at: number, what: string, id: string }[]} */
    this.log = [];
    /** @type {{ at: number, event: PlayerEvent }[]} */
    this.answers = [];
    this.shown = "";
    this.seq = this.state.cursor ?? 0;
  }

  /** This device is the room's voice, alone, and sounds. */
  voice() {
    this.send({ type: "sound", at: this.at, sound: "on" });
    return this.lease({ voice: true });
  }

  /** @param {Partial<Lease>} parts */
  lease(parts) {
    const lease = { voice: false, until: this.at + 15_000, alone: true, spoken: 0, ...parts };
    return this.send({ type: "lease", at: this.at, lease });
  }

  /** @param {"on" | "blocked" | "off"} sound */
  sound(sound) {
    return this.send({ type: "sound", at: this.at, sound });
  }

  /** @param {Partial<Call>} [parts] */
  call(parts) {
    this.seq += 1;
    const called_at = new Date(this.at).toISOString();
    return this.feed([happened("call", call(this.seq, { called_at, ...parts }))]);
  }

  /** @param {string} id */
  cancel(id) {
    this.seq += 1;
    return this.feed([
      { ...happened("cancelled", call(0, { id, status: "cancelled" })), seq: this.seq },
    ]);
  }

  /** @param {PanelEvent[]} events @param {number} [ahead] of the server's clock over this device's, ms */
  feed(events, ahead = 0) {
    const [at, seq] = [this.at, Math.max(this.seq, ...events.map((event) => event.seq))];
    this.seq = seq;
    return this.send({ type: "feed", at, now: at + ahead, seq, more: false, events });
  }

  /** Lets time pass, and everything happen that is due. @param {number} ms */
  pass(ms) {
    const end = this.at + ms;
    for (;;) {
      this.answers.sort((a, b) => a.at - b.at);
      const answer = this.answers[0];
      const next = Math.min(answer?.at ?? Infinity, dueAt(this.state));
      if (next > end) break;
      this.at = Math.max(this.at, next);
      if (answer && answer.at === next) this.answers.shift();
      this.send(answer?.at === next ? answer.event : { type: "tick", at: this.at });
    }
    this.at = end;
    return this;
  }

  /** @param {PlayerEvent} event */
  send(event) {
    const { state, effects } = step(
      this.state,
      /** @type {PlayerEvent} */ ({ ...event, at: this.at }),
    );
    this.state = state;
    const id = state.current?.entry.call.id ?? "";
    if (id !== this.shown) {
      if (this.shown) this.note("hide", this.shown);
      if (id) this.note("show", id);
      this.shown = id;
    }
    effects.forEach((effect) => this.perform(effect));
    return this;
  }

  /** @param {Effect} effect */
  perform(effect) {
    switch (effect.type) {
      case "fetch": {
        this.note("fetch", effect.id);
        const durationMs = this.means.fetch === "works" ? CLIP_MS : null;
        if (this.means.fetch !== "hangs")
          this.answer(200, { type: "clip", at: 0, id: effect.id, durationMs });
        return;
      }
      case "forget":
        return this.note("forget", effect.id);
      case "chime":
        return this.sounding("chime", effect.sound, CHIME_MS);
      case "play":
        return this.sounding("play", effect.sound, CLIP_MS);
      case "say":
        return this.sounding("say", effect.sound, SYSTEM_MS);
    }
  }

  /** @param {"chime" | "play" | "say"} what @param {number} sound @param {number} durationMs */
  sounding(what, sound, durationMs) {
    this.note(what, this.shown);
    if (this.means[what] === "hangs") return;
    if (this.means[what] === "fails") return this.answer(50, { type: "broke", at: 0, sound });
    this.answer(20, {
      type: "began",
      at: 0,
      sound,
      durationMs: what === "say" ? null : durationMs,
    });
    this.answer(20 + durationMs, { type: "ended", at: 0, sound });
  }

  /** @param {number} afterMs @param {PlayerEvent} event */
  answer(afterMs, event) {
    this.answers.push({ at: this.at + afterMs, event });
  }

  /** @param {string} what @param {string} id */
  note(what, id) {
    this.log.push({ at: this.at, what, id });
  }

  /** @param {...string} kinds @returns {string[]} such as "play c1" */
  heard(...kinds) {
    const wanted = kinds.length > 0 ? kinds : ["chime", "play", "say"];
    return this.log
      .filter(({ what }) => wanted.includes(what))
      .map(({ what, id }) => `${what} ${id}`);
  }

  /** @returns {string[]} ids in the order in which they came on the screen */
  screen() {
    return this.log.filter(({ what }) => what === "show").map(({ id }) => id);
  }

  /** @param {string} id @returns {number} ms on the screen, the first time */
  shownFor(id) {
    const show = this.log.find((entry) => entry.what === "show" && entry.id === id)?.at ?? NaN;
    return (this.log.find((entry) => entry.what === "hide" && entry.id === id)?.at ?? NaN) - show;
  }

  /** @returns {string[]} ids, newest first */
  history() {
    return this.state.history.map((past) => past.call.id);
  }
}

/** @param {PanelEvent["type"]} type @param {Call} about @returns {PanelEvent} */
export function happened(type, about) {
  return { seq: about.seq, type, at: about.called_at, call: about };
}
