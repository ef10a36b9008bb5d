/** The five seconds in which a call that this desk made can be undone. */
import { computed, signal } from "@preact/signals";

/** @import { Call } from "../../shared/types.js" */

const OPEN_MS = 5000;
const TICK_MS = 250;

/** @param {{ now?: () => number }} [parts] milliseconds since the epoch */
export function createUndo({ now = Date.now } = {}) {
  const open = signal(/** @type {{ call: Call, until: number } | null} */ (null));
  const clock = signal(now());
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let ticking;

  function tick() {
    clock.value = now();
    if (open.value && clock.value < open.value.until) return;
    open.value = null;
    clearInterval(ticking);
  }

  return {
    /** The call that can be undone. */
    call: computed(() => open.value?.call ?? null),
    /** Whole seconds that are left; 0 when there is nothing to undo. */
    leftS: computed(() =>
      open.value ? Math.max(0, Math.ceil((open.value.until - clock.value) / 1000)) : 0,
    ),
    /** @param {Call} call @param {number} sentAt the API's five seconds began after this */
    start(call, sentAt) {
      open.value = { call, until: sentAt + OPEN_MS };
      clearInterval(ticking);
      ticking = setInterval(tick, TICK_MS);
      tick();
    },
    stop: () => clearInterval(ticking),
  };
}

/** @typedef {ReturnType<typeof createUndo>} Undo */
