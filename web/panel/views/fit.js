/** Letters as large as their box allows: long names wrap and shrink, and are never cut. */

import { useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../../shared/html.js";

/** Sizes in hundredths of the screen's short side. */
const LAST_RESORT = 2;
const STEP = 0.25;

/**
 * @param {object} props
 * @param {number} props.largest
 * @param {number} props.smallest that is still read from afar; below it only what would be cut otherwise
 * @param {string} props.content what is shown, in letters: another text is fitted anew
 * @param {import("preact").ComponentChildren} props.children
 */
export function Fit({ largest, smallest, content, children }) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const fit = () => ref.current && shrink(ref.current, largest, smallest);
    fit();
    window.addEventListener("resize", fit);
    document.fonts?.addEventListener("loadingdone", fit);
    return () => {
      window.removeEventListener("resize", fit);
      document.fonts?.removeEventListener("loadingdone", fit);
    };
  }, [largest, smallest, content]);
  return html`<div class="fit"><div class="fitted" ref=${ref}>${children}</div></div>`;
}

/** @param {HTMLElement} element @param {number} largest @param {number} smallest */
function shrink(element, largest, smallest) {
  element.classList.remove("breaks");
  if (search(element, smallest, largest)) return;
  // One word is wider than the screen: better broken than cut. A whole page of words: better small than cut.
  element.classList.add("breaks");
  if (!search(element, smallest, largest)) search(element, LAST_RESORT, smallest);
}

/**
 * Halves the range of sizes until the largest that fits is found.
 *
 * @param {HTMLElement} element
 * @param {number} low
 * @param {number} high
 * @returns {boolean} whether even the smallest size fits
 */
function search(element, low, high) {
  if (fits(element, high)) return true;
  while (high - low > STEP) {
    const middle = (low + high) / 2;
    if (fits(element, middle)) low = middle;
    else high = middle;
  }
  return fits(element, low);
}

/** @param {HTMLElement} element @param {number} size */
function fits(element, size) {
  const box = /** @type {HTMLElement} */ (element.parentElement);
  element.style.fontSize = `${size}vmin`;
  return element.scrollHeight <= box.clientHeight && element.scrollWidth <= box.clientWidth;
}
