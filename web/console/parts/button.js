import { html } from "../../shared/html.js";

/**
 * A button that shows that its work is under way, and takes one press for one press: the second
 * click of a double-click and a key that is held down do nothing.
 *
 * It is never `disabled`, which would throw the keyboard's focus away.
 *
 * @param {object} props
 * @param {unknown} props.children
 * @param {() => void} [props.onPress] absent in a form's submit button
 * @param {boolean} [props.pending]
 * @param {boolean} [props.off] there is nothing for it to do now
 * @param {string} [props.look] "main", "quiet" or "danger"
 * @param {string} [props.label] its whole name, where what is seen says too little
 * @param {string} [props.shortcut] such as "F2"
 */
export function Button({ children, onPress, pending, off, look = "", label, shortcut }) {
  const idle = Boolean(pending) || Boolean(off);
  /** @param {MouseEvent} event */
  const press = (event) => {
    if (idle || event.detail > 1) event.preventDefault();
    else onPress?.();
  };
  return html`<button
    type=${onPress ? "button" : "submit"}
    class=${`button ${look}`}
    aria-disabled=${idle ? "true" : undefined}
    aria-busy=${pending ? "true" : undefined}
    aria-label=${label}
    aria-keyshortcuts=${shortcut}
    onClick=${press}
    onKeyDown=${ignoreRepeats}
  >
    ${children}${shortcut ? html`<kbd aria-hidden="true">${shortcut}</kbd>` : null}
  </button>`;
}

/** @param {KeyboardEvent} event */
function ignoreRepeats(event) {
  if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
}
