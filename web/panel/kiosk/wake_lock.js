/** Keeps the screen on where the browser can (Screen Wake Lock API); elsewhere the TV's own setting must. */
export function keepAwake() {
  async function acquire() {
    if (document.visibilityState !== "visible") return;
    try {
      // eslint-disable-next-line compat/compat -- asked for only where it exists
      await navigator.wakeLock?.request("screen");
    } catch {
      // Refused, for instance on a low battery: the page works without it.
    }
  }

  // The browser drops the lock whenever the page is hidden.
  document.addEventListener("visibilitychange", acquire);
  void acquire();
}
