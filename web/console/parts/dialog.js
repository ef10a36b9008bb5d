import { useEffect, useRef } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk } from "../../shared/strings.js";
import { Button } from "./button.js";
import { BadNews } from "./notices.js";

/**
 * A modal dialog: the browser keeps the focus inside, closes it on Escape and gives the focus back.
 *
 * @param {object} props
 * @param {string} props.heading
 * @param {() => void} props.onClose
 * @param {unknown} props.children
 */
export function Dialog({ heading, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const opened = dialog.current;
    const before = document.activeElement;
    opened?.showModal();
    return () => {
      opened?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  /** @param {Event} event */
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${dialog} aria-labelledby="dialog-heading" onCancel=${cancel}>
    <h2 id="dialog-heading">${heading}</h2>
    ${children}
    <${BadNews} />
  </dialog>`;
}

/**
 * Asks before what cannot be taken back.
 *
 * @param {object} props
 * @param {string} props.question
 * @param {string} props.hint what will happen
 * @param {string} props.verb on the button that does it
 * @param {boolean} [props.pending]
 * @param {() => void} props.onConfirm
 * @param {() => void} props.onClose
 */
export function Confirmation({ question, hint, verb, pending = false, onConfirm, onClose }) {
  return html`<${Dialog} heading=${question} onClose=${onClose}>
    <p>${hint}</p>
    <div class="row end">
      <${Button} look="quiet" onPress=${onClose}>${desk.cancel}<//>
      <${Button} look="danger" pending=${pending} onPress=${onConfirm}>${verb}<//>
    </div>
  <//>`;
}
