/** One paired TV: carries the feed's news to the player, and the player's wishes to the loudspeaker and the network. */

/** @import { Api } from "../shared/api.js" */
/** @import { Feed, Settings } from "../shared/types.js" */
/** @import { Effect, PlayerEvent, PlayerState, Sound } from "./player/types.js" */
/** @import { Sounding } from "./audio/speaker.js" */
/** @import { LinkState } from "./net/link.js" */

import { pause } from "../shared/pause.js";
import { common } from "../shared/strings.js";
import { NEW_SETTINGS } from "../shared/settings.js";
import { playChime } from "./audio/chime.js";
import { createSpeaker, playClip } from "./audio/speaker.js";
import { saySystem } from "./audio/system_voice.js";
import { now } from "./clock.js";
import { createClips, createClipStore } from "./net/clips.js";
import { createFeed } from "./net/feed.js";
import { createHeartbeat } from "./net/heartbeat.js";
import { createLink } from "./net/link.js";
import { dueAt, initial, step } from "./player/player.js";
import { restored, snapshot } from "./player/snapshot.js";
import { announcement } from "./words.js";

const MINUTE_MS = 60_000;

/** How long the first heartbeat waits for the feed at most: without a lease the room has no voice. */
const FEED_AHEAD_MS = 1_000;

/** Until the panel's own are known. */
const UNKNOWN_SETTINGS = { ...NEW_SETTINGS, title: common.product };

/**
 * @typedef {object} View what there is to be drawn
 * @property {PlayerState} player
 * @property {LinkState} link
 * @property {number} time the server's, ms since the Unix epoch
 */

/**
 * @param {object} parts
 * @param {Api} parts.api
 * @param {string} parts.panel
 * @param {ReturnType<typeof import("./memory.js").createMemory>} parts.memory
 * @param {string} parts.version
 * @param {(view: View) => void} parts.draw
 * @param {() => void} parts.onRefused the token counts no more
 */
export function createDevice({ api, panel, memory, version, draw, onRefused }) {
  const saved = memory.load(now());
  let player = saved ? restored(saved, now()) : initial(UNKNOWN_SETTINGS, now());
  /** @type {LinkState} */
  let linkState = "ok";
  let settingsWanted = "";
  let settingsVersion = "";
  let timer = 0;
  let minuteTimer = 0;
  let stopped = false;

  const store = createClipStore();
  const clips = createClips({ api, panel, store });
  const speaker = createSpeaker((sound) => dispatch({ type: "sound", at: now(), sound }));
  const link = createLink((state) => {
    linkState = state;
    redraw();
  });
  const shared = { api, panel, link, onRefused: refused };
  const heartbeat = createHeartbeat({
    ...shared,
    report: () => ({ sound: player.sound, spoken: player.spoken, version }),
    onLease: (lease) => {
      dispatch({ type: "lease", at: now(), lease });
      void fetchSettings();
    },
  });
  const feed = createFeed({ ...shared, after: () => player.cursor, onFeed });
  speaker.setVolume(player.settings.volume);
  // A beat that told "blocked" too soon would cost a reloaded page the room's voice. And the API learns by
  // the feed's first request who this is: a second one beside it would only make it look twice.
  void Promise.all([speaker.ready, Promise.race([feed.first, pause(FEED_AHEAD_MS)])]).then(
    heartbeat.start,
  );
  keepHouse();

  /** @param {PlayerEvent} event */
  function dispatch(event) {
    if (stopped) return;
    const { state, effects } = step(player, event);
    player = state;
    memory.save(snapshot(player, now()));
    effects.forEach(perform);
    clearTimeout(timer);
    const due = dueAt(player);
    if (due !== Infinity) timer = window.setTimeout(tick, Math.max(0, due - now()));
    redraw();
  }

  function tick() {
    dispatch({ type: "tick", at: now() });
  }

  function redraw() {
    if (!stopped) draw({ player, link: linkState, time: now() + player.offset });
  }

  /** @param {Feed} answer */
  function onFeed(answer) {
    const { seq, events, more } = answer;
    dispatch({ type: "feed", at: now(), now: Date.parse(answer.now), seq, events, more });
    settingsWanted = answer.settings;
    void fetchSettings();
  }

  async function fetchSettings() {
    const wanted = settingsWanted;
    if (wanted === settingsVersion) return;
    try {
      const { body } = await api.request("GET", `/v1/panels/${panel}`);
      settingsVersion = wanted;
      speaker.setVolume(body.volume);
      dispatch({ type: "settings", at: now(), settings: body });
    } catch {
      // Tried again with the next heartbeat.
    }
  }

  function refused() {
    stop();
    memory.clear();
    void clips.clear();
    onRefused();
  }

  /** At each full minute: the clock on the wall, yesterday's names, old clips, a sound that the system took away. */
  function keepHouse() {
    void clips.sweep();
    if (player.sound === "blocked") void speaker.unlock();
    tick();
    minuteTimer = window.setTimeout(keepHouse, MINUTE_MS - ((now() + player.offset) % MINUTE_MS));
  }

  /** @param {Effect} effect */
  function perform(effect) {
    switch (effect.type) {
      case "fetch":
        return void fetchClip(effect.id);
      case "forget":
        return void clips.forget(effect.id);
      case "report":
        return heartbeat.hurry();
      case "chime":
        return void sound(effect.sound, async () => playChime(speaker));
      case "play":
        return void sound(effect.sound, () => play(effect.id));
      case "say": {
        const { settings } = player;
        const words = announcement(effect.call, settings);
        return void sound(effect.sound, () => saySystem(words, settings.volume));
      }
    }
  }

  /** @param {string} id */
  async function fetchClip(id) {
    const durationMs = await clips.fetch(id);
    if (durationMs !== undefined) dispatch({ type: "clip", at: now(), id, durationMs });
  }

  /** @param {string} id @returns {Promise<Sounding>} */
  async function play(id) {
    try {
      const audio = await clips.read(id);
      if (!audio) throw new Error("no clip");
      return await playClip(speaker, audio);
    } catch (error) {
      // What cannot be decoded now never will be: the next one is to be a fresh one.
      await clips.forget(id);
      throw error;
    }
  }

  /** @param {number} number @param {() => Promise<Sounding>} make */
  async function sound(number, make) {
    try {
      const { durationMs, ended } = await make();
      dispatch({ type: "began", at: now(), sound: number, durationMs });
      await ended;
      dispatch({ type: "ended", at: now(), sound: number });
    } catch {
      dispatch({ type: "broke", at: now(), sound: number });
    }
  }

  function stop() {
    stopped = true;
    clearTimeout(timer);
    clearTimeout(minuteTimer);
    [feed, heartbeat, link, clips, speaker].forEach((part) => part.stop());
  }

  return {
    stop,
    unlock: speaker.unlock,
    time: () => now() + player.offset,
    timeZone: () => player.settings.time_zone,
    /** Whether a reload would disturb nobody. */
    isIdle: () => !player.current && player.queue.length === 0 && linkState === "ok",
  };
}

/** @typedef {ReturnType<typeof createDevice>} Device */
