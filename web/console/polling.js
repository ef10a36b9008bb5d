/** Something asked again and again: never twice at once; after a failure soon, then less and less often. */
import { signal } from "@preact/signals";

const FASTEST_RETRY_MS = 1000;
const SLOWEST_MS = 30_000;
// One lost answer is no news; a second one is.
const FAILURES_TOLD = 2;

/**
 * @param {() => Promise<void>} task throws when there was no good answer
 * @param {{ everyMs: () => number, onError?: (error: unknown) => void, random?: () => number }} options
 */
export function createPolling(task, { everyMs, onError = () => {}, random = Math.random }) {
  const connected = signal(true);
  let failures = 0;
  let running = false;
  let asked = false;
  let stopped = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function round() {
    clearTimeout(timer);
    if (stopped) return;
    if (running) {
      asked = true;
      return;
    }
    running = true;
    try {
      await task();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!stopped) onError(error);
    }
    running = false;
    connected.value = failures < FAILURES_TOLD;
    if (!stopped) timer = setTimeout(round, asked ? 0 : delayMs());
    asked = false;
  }

  function delayMs() {
    if (failures === 0) return everyMs();
    return Math.min(FASTEST_RETRY_MS * 2 ** failures, SLOWEST_MS) * (0.5 + random() / 2);
  }

  const now = () => void round();
  return {
    connected,
    /** Ask at once, not at the next turn. */
    now,
    start() {
      stopped = false;
      globalThis.addEventListener?.("online", now);
      now();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", now);
    },
  };
}

/** @typedef {ReturnType<typeof createPolling>} Polling */
