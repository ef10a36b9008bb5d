/** "Ouvir antes": has the API speak a text or a call, and plays it at the desk. */
import { signal } from "@preact/signals";

import { pause } from "../shared/pause.js";
import { desk } from "../shared/strings.js";
import { failureWords } from "./failures.js";

/** @import { Answer, Api } from "../shared/api.js" */
/** @import { Player } from "./player.js" */

const PATIENCE_MS = 60_000;
const WAIT_S = 8;

/**
 * @typedef {{ text: string } | { call: { ticket?: string, name?: string, place?: string } }} Said
 * @typedef {object} State
 * @property {string | null} who the button that is at work
 * @property {"asking" | "playing" | null} phase
 * @property {string} problem
 * @property {boolean} doubtful
 */

/** @type {State} */
const QUIET = { who: null, phase: null, problem: "", doubtful: false };

/**
 * @param {object} parts
 * @param {Api} parts.api
 * @param {Player} parts.player
 * @param {(ms: number) => Promise<void>} [parts.wait]
 * @param {() => number} [parts.now] milliseconds
 */
export function createListening({ api, player, wait = pause, now = Date.now }) {
  const state = signal(QUIET);
  let turn = 0;

  /**
   * @param {string} who names the button, so that only it shows as busy
   * @param {Said} said
   * @param {string | null} voice null: the host's default voice
   */
  async function listen(who, said, voice = null) {
    const mine = ++turn;
    const current = () => mine === turn;
    // Browsers let a page sound only from within a click.
    player.unlock();
    state.value = { ...QUIET, who, phase: "asking" };
    try {
      const speech = await speak(said, voice, current);
      if (!current()) return;
      const doubtful = speech.quality === "doubtful";
      state.value = { ...QUIET, who, phase: "playing", doubtful };
      await player.play(speech.url);
      if (current()) state.value = { ...QUIET, who, doubtful };
    } catch (error) {
      if (current()) state.value = { ...QUIET, who, problem: wordsFor(error) };
    }
  }

  /** @param {Said} said @param {string | null} voice @param {() => boolean} current */
  async function speak(said, voice, current) {
    const body = { ...said, ...(voice ? { voice } : {}), format: "mp3", retention: "personal" };
    const until = now() + PATIENCE_MS;
    let answer = await api.request("POST", "/v1/speech", {
      body,
      headers: { Prefer: `wait=${WAIT_S}` },
      timeoutMs: 15_000,
    });
    while (answer.body.status === "rendering") {
      if (now() > until) throw new ListeningError(desk.listening.late);
      await wait(answer.body.retry_after_s * 1000);
      if (!current()) return answer.body;
      answer = await api.request("GET", `/v1/speech/${encodeURIComponent(answer.body.id)}`);
    }
    if (answer.body.status !== "ready") throw new ListeningError(desk.listening.failed);
    return answer.body;
  }

  function stop() {
    turn += 1;
    player.stop();
    state.value = QUIET;
  }

  return { state, listen, stop };
}

/** @typedef {ReturnType<typeof createListening>} Listening */

/** Speech that does not come; the message is said to the person. */
class ListeningError extends Error {}

/** @param {unknown} error */
function wordsFor(error) {
  if (error instanceof ListeningError) return error.message;
  if (error instanceof DOMException || error instanceof TypeError) return desk.listening.silent;
  return failureWords(error, { 422: desk.listening.failed });
}
