/** Letters as large as their box allows: long names wrap and shrink, and are never cut. */

import { useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../../shared/html.js";

/** Sizes in hundredths of the screen's short side. */
const SMALLEST = 5;
const STEP = 0.25;

/**
 * @param {object} props
 * @param {number} props.largest
 * @param {string} props.content what is shown, in letters: another text is fitted anew
 * @param {import("preact").ComponentChildren} props.children
 */
export function Fit({ largest, content, children }) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const fit = () => ref.current && shrink(ref.current, largest);
    fit();
    window.addEventListener("resize", fit);
    document.fonts?.addEventListener("loadingdone", fit);
    return () => {
      window.removeEventListener("resize", fit);
      document.fonts?.removeEventListener("loadingdone", fit);
    };
  }, [largest, content]);
  return html`<div class="fit"><div class="fitted" ref=${ref}>${children}</div></div>`;
}

/** @param {HTMLElement} element @param {number} largest */
function shrink(element, largest) {
  element.classList.remove("breaks");
  if (search(element, largest)) return;
  // One word is wider than the screen: better broken than cut.
  element.classList.add("breaks");
  search(element, largest);
}

/**
 * Halves the range of sizes until the largest that fits is found.
 *
 * @param {HTMLElement} element
 * @param {number} largest
 * @returns {boolean} whether even the smallest size fits
 */
function search(element, largest) {
  let [low, high] = [SMALLEST, largest];
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
