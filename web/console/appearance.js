/** The desk's own light or dark, remembered in this browser. */
import { signal } from "@preact/signals";

import { applyTheme } from "../shared/theme.js";

const KEY = "ctv.console.appearance";

/** @typedef {"auto" | "light" | "dark"} Theme */

/** @param {Storage} [storage] */
export function createAppearance(storage = localStorage) {
  const theme = signal(known(storage.getItem(KEY)));
  let stop = applyTheme(theme.value);
  return {
    theme,
    /** @param {string} chosen */
    choose(chosen) {
      theme.value = known(chosen);
      storage.setItem(KEY, theme.value);
      stop();
      stop = applyTheme(theme.value);
    },
  };
}

/** @typedef {ReturnType<typeof createAppearance>} Appearance */

/** @param {string | null} theme @returns {Theme} */
function known(theme) {
  return theme === "light" || theme === "dark" ? theme : "auto";
}
