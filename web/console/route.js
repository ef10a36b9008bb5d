/** Which screen is open: the address's fragment, so that the browser's Back works. */
import { signal } from "@preact/signals";

/** @typedef {"calls" | "announcement" | "list" | "panels" | "lexicon" | "audit"} Screen */

/** @type {Record<Screen, string>} */
export const FRAGMENTS = {
  calls: "chamar",
  announcement: "anuncio",
  list: "lista",
  panels: "paineis",
  lexicon: "pronuncia",
  audit: "registro",
};

export const SCREENS = /** @type {Screen[]} */ (Object.keys(FRAGMENTS));

export function createRoute() {
  const screen = signal(read());
  window.addEventListener("hashchange", () => (screen.value = read()));
  return screen;
}

/** @returns {Screen} */
function read() {
  const fragment = location.hash.slice(1);
  return SCREENS.find((screen) => FRAGMENTS[screen] === fragment) ?? "calls";
}
