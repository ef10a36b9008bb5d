/** Keys that work wherever the focus is: function keys, so that typing is never mistaken for one. */

/**
 * @typedef {Record<string, () => void>} Shortcuts by `KeyboardEvent.key`
 */

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it types text
 */
function isTyping({ target }) {
  return (
    target instanceof HTMLElement &&
    (target.matches("input, textarea, select") || target.isContentEditable)
  );
}

/**
 * @param {() => Shortcuts} shortcuts
 * @param {EventTarget} [page]
 * @returns {() => void} stop listening
 */
export function listenForShortcuts(shortcuts, page = document) {
  /** @param {Event} event */
  const press = (event) => {
    const key = /** @type {KeyboardEvent} */ (event);
    if (key.ctrlKey || key.altKey || key.metaKey) return;
    if (key.key === "?" && isTyping(key)) return;
    if (document.querySelector("dialog[open]")) return;
    const action = shortcuts()[key.key];
    if (!action) return;
    key.preventDefault();
    if (!key.repeat) action();
  };
  page.addEventListener("keydown", press);
  return () => page.removeEventListener("keydown", press);
}
