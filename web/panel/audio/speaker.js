/** The loudspeaker: Web Audio through one master gain, and whether the browser lets it sound. */

/** @import { Sound } from "../player/types.js" */

/** A browser that blocks sound leaves `resume()` pending for ever. */
const RESUME_MS = 1_000;

const FADE_S = 0.05;

/** @param {(sound: Sound) => void} onChange */
export function createSpeaker(onChange) {
  const context = new AudioContext();
  const master = context.createGain();
  master.connect(context.destination);
  let volume = 1;
  /** @type {Sound} */
  let sound = "off";
  let tried = false;

  function observe() {
    if (!tried && context.state !== "running") return;
    const next = volume === 0 ? "off" : context.state === "running" ? "on" : "blocked";
    if (next === sound) return;
    sound = next;
    onChange(sound);
  }

  /** Tries to sound. What happens decides, not what the browser's policy says. */
  async function unlock() {
    await Promise.race([
      context.resume().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, RESUME_MS)),
    ]);
    tried = true;
    observe();
  }

  context.addEventListener("statechange", observe);
  return {
    /** Settles once it is known whether sound comes without anybody's help. */
    ready: unlock(),
    context,
    output: master,
    unlock,
    /** @param {number} next 0 to 1 */
    setVolume(next) {
      volume = next;
      master.gain.setTargetAtTime(volume, context.currentTime, FADE_S);
      observe();
    },
    stop() {
      context.removeEventListener("statechange", observe);
      void context.close();
    },
  };
}

/** @typedef {ReturnType<typeof createSpeaker>} Speaker */

/**
 * A sound under way.
 *
 * @typedef {object} Sounding
 * @property {number | null} durationMs
 * @property {Promise<void>} ended
 */

/**
 * @param {Speaker} speaker
 * @param {ArrayBuffer} audio an encoded clip
 * @returns {Promise<Sounding>}
 * @throws {DOMException} when it cannot be decoded
 */
export async function playClip({ context, output }, audio) {
  const buffer = await context.decodeAudioData(audio);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(output);
  const ended = endOf(source).then(() => source.disconnect());
  source.start();
  return { durationMs: buffer.duration * 1_000, ended };
}

/** @param {AudioScheduledSourceNode} source @returns {Promise<void>} */
export function endOf(source) {
  return new Promise((resolve) => {
    source.onended = () => resolve();
  });
}
