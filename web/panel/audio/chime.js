/** Two soft tones, a falling third, as in an airport: heard without startling anyone. */

/** @import { Sounding, Speaker } from "./speaker.js" */

import { endOf } from "./speaker.js";

const TONES = [
  { hz: 783.99, startS: 0 }, // G5
  { hz: 622.25, startS: 0.45 }, // E flat 5
];
const ATTACK_S = 0.015;
const DECAY_S = 1.1;
const PEAK = 0.4;
/** -60 dB: an exponential ramp cannot reach zero. */
const SILENCE = 0.001;

/** @param {Speaker} speaker @returns {Sounding} */
export function playChime({ context, output }) {
  const begin = context.currentTime;
  const ends = TONES.map(({ hz, startS }) => ring(context, output, hz, begin + startS));
  const durationMs = (Math.max(...TONES.map(({ startS }) => startS)) + DECAY_S) * 1_000;
  return { durationMs, ended: Promise.all(ends).then(() => undefined) };
}

/**
 * @param {AudioContext} context
 * @param {AudioNode} output
 * @param {number} hz
 * @param {number} start s on the context's clock
 */
async function ring(context, output, hz, start) {
  const tone = new OscillatorNode(context, { frequency: hz });
  const envelope = new GainNode(context, { gain: 0 });
  envelope.gain.setValueAtTime(SILENCE, start);
  envelope.gain.exponentialRampToValueAtTime(PEAK, start + ATTACK_S);
  envelope.gain.exponentialRampToValueAtTime(SILENCE, start + DECAY_S);
  tone.connect(envelope).connect(output);
  tone.start(start);
  tone.stop(start + DECAY_S);
  await endOf(tone);
  tone.disconnect();
  envelope.disconnect();
}
