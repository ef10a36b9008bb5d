/** The system's own Brazilian voice, for when no clip can be had. */

/** @import { Sounding } from "./speaker.js" */

/** Chromium fills its list of voices some time after it is first asked for. */
const VOICES_MS = 1_000;

/** Chromium lets go of an utterance that nobody holds, and with it of its `end`. */
const underWay = /** @type {Set<SpeechSynthesisUtterance>} */ (new Set());

/**
 * @param {string} text
 * @param {number} volume 0 to 1
 * @returns {Promise<Sounding>} once it is to be heard
 * @throws {Error} without such a voice, or when it fails
 */
export async function saySystem(text, volume) {
  if (!("speechSynthesis" in window)) throw new Error("no speech synthesis");
  const voice = await brazilianVoice();
  const utterance = Object.assign(new SpeechSynthesisUtterance(text), {
    voice,
    lang: "pt-BR",
    volume,
  });
  const ended = new Promise((resolve, reject) => {
    utterance.onend = () => resolve(undefined);
    utterance.onerror = ({ error }) => reject(new Error(error));
  });
  const began = new Promise((resolve) => {
    utterance.onstart = resolve;
  });
  const over = ended.then(
    () => void underWay.delete(utterance),
    (error) => {
      underWay.delete(utterance);
      throw error;
    },
  );
  underWay.add(utterance);
  speechSynthesis.cancel();
  speechSynthesis.speak(utterance);
  await Promise.race([began, over]);
  return { durationMs: null, ended: over };
}

/** @returns {Promise<SpeechSynthesisVoice>} one that works without a network, if there is one */
async function brazilianVoice() {
  if (speechSynthesis.getVoices().length === 0) await voicesChanged();
  const voices = speechSynthesis.getVoices().filter(({ lang }) => /^pt[-_]BR$/i.test(lang));
  const voice = voices.find(({ localService }) => localService) ?? voices[0];
  if (!voice) throw new Error("no Brazilian voice");
  return voice;
}

/** @returns {Promise<void>} */
function voicesChanged() {
  return new Promise((resolve) => {
    const timer = setTimeout(done, VOICES_MS);
    function done() {
      clearTimeout(timer);
      speechSynthesis.removeEventListener("voiceschanged", done);
      resolve();
    }
    speechSynthesis.addEventListener("voiceschanged", done);
  });
}
