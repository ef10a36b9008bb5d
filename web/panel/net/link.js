/** Whether the API answers: "offline" once something was asked 5 s ago and nothing has come since. */

const PATIENCE_MS = 5_000;

/** @typedef {"ok" | "offline"} LinkState */

/** @param {(state: LinkState) => void} onChange */
export function createLink(onChange) {
  /** @type {LinkState} */
  let state = "ok";
  let timer = 0;

  /** @param {LinkState} next */
  function become(next) {
    timer = 0;
    if (next === state) return;
    state = next;
    onChange(state);
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
  }

  return {
    asked() {
      if (timer === 0) timer = window.setTimeout(become, PATIENCE_MS, "offline");
    },
    answered() {
      stop();
      become("ok");
    },
    stop,
  };
}
