/** Keeps the screen on where the browser can (Screen Wake Lock API); elsewhere the TV's own setting must. */

/** @returns {() => void} let the screen sleep again */
export function keepAwake() {
  /** @type {{ release(): Promise<void> } | null} */
  let lock = null;

  async function acquire() {
    if (document.visibilityState !== "visible") return;
    try {
      // eslint-disable-next-line compat/compat -- asked for only where it exists
      lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      // Refused, for instance on a low battery: the page works without it.
    }
  }

  // The browser drops the lock whenever the page is hidden.
  document.addEventListener("visibilitychange", acquire);
  void acquire();
  return () => {
    document.removeEventListener("visibilitychange", acquire);
    void lock?.release();
  };
}
