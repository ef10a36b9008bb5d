/** Form fields with their labels, hints and errors tied to them. */
import { useId } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk } from "../../shared/strings.js";

/**
 * @typedef {object} FieldProps
 * @property {string} label
 * @property {string} value
 * @property {(value: string) => void} onValue
 * @property {string} [hint]
 * @property {string} [error] what is wrong with the value
 * @property {boolean} [optional]
 */

/**
 * @param {FieldProps & {
 *   type?: string, choices?: readonly string[], maxLength?: number, autoFocus?: boolean,
 *   autocomplete?: string, min?: string, max?: string, step?: string, class?: string,
 * }} props
 */
export function TextField(props) {
  const { label, value, onValue, hint, error, optional, choices, type = "text", ...rest } = props;
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}${optional ? html` <small>(${desk.optional})</small>` : null}</label>
    <input
      id=${id}
      type=${type}
      value=${value}
      list=${choices?.length ? `${id}-choices` : undefined}
      autocomplete="off"
      spellcheck=${false}
      ...${described(id, hint, error)}
      ...${rest}
      onInput=${(/** @type {InputEvent} */ event) => onValue(valueOf(event))}
    />
    ${
      choices?.length
        ? html`<datalist id=${`${id}-choices`}>
            ${choices.map((choice) => html`<option value=${choice} />`)}
          </datalist>`
        : null
    }
    <${Notes} id=${id} hint=${hint} error=${error} />
  </div>`;
}

/** @param {FieldProps & { rows?: number, maxLength?: number }} props */
export function TextArea({ label, value, onValue, hint, error, rows = 4, maxLength }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <textarea
      id=${id}
      rows=${rows}
      maxlength=${maxLength}
      value=${value}
      ...${described(id, hint, error)}
      onInput=${(/** @type {InputEvent} */ event) => onValue(valueOf(event))}
    />
    <${Notes} id=${id} hint=${hint} error=${error} />
  </div>`;
}

/** @param {FieldProps & { options: readonly { value: string, label: string }[] }} props */
export function Select({ label, value, onValue, hint, error, options }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select
      id=${id}
      value=${value}
      ...${described(id, hint, error)}
      onChange=${(/** @type {Event} */ event) => onValue(valueOf(event))}
    >
      ${options.map(
        (option) =>
          html`<option value=${option.value} selected=${option.value === value}>
            ${option.label}
          </option>`,
      )}
    </select>
    <${Notes} id=${id} hint=${hint} error=${error} />
  </div>`;
}

/**
 * @param {{ label: string, checked: boolean, onChecked: (checked: boolean) => void, hint?: string }} props
 */
export function Checkbox({ label, checked, onChecked, hint }) {
  const id = useId();
  return html`<div class="field check">
    <input
      id=${id}
      type="checkbox"
      checked=${checked}
      ...${described(id, hint, undefined)}
      onChange=${(/** @type {Event} */ event) =>
        onChecked(/** @type {HTMLInputElement} */ (event.target).checked)}
    />
    <label for=${id}>${label}</label>
    <${Notes} id=${id} hint=${hint} />
  </div>`;
}

/**
 * A form that the page itself answers: nothing is ever sent by the browser.
 *
 * @param {{ label?: string, class?: string, onSubmit: () => void, children: unknown }} props
 */
export function Form({ label, class: name = "form", onSubmit, children }) {
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    onSubmit();
  };
  // Enter that is held down in a field would send the form again and again.
  /** @param {KeyboardEvent} event */
  const once = (event) => {
    const inField = event.target instanceof HTMLInputElement;
    if (event.repeat && event.key === "Enter" && inField) event.preventDefault();
  };
  return html`<form
    class=${name}
    aria-label=${label}
    novalidate
    onSubmit=${submit}
    onKeyDown=${once}
  >
    ${children}
  </form>`;
}

/** @param {{ id: string, hint?: string | undefined, error?: string | undefined }} props */
function Notes({ id, hint, error }) {
  return html`${hint ? html`<p class="hint" id=${`${id}-hint`}>${hint}</p>` : null}
  ${error ? html`<p class="error" id=${`${id}-error`}>${error}</p>` : null}`;
}

/** @param {string} id @param {string | undefined} hint @param {string | undefined} error */
function described(id, hint, error) {
  const notes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return {
    "aria-describedby": notes || undefined,
    "aria-invalid": error ? "true" : undefined,
  };
}

/** @param {Event} event */
function valueOf(event) {
  return /** @type {HTMLInputElement} */ (event.target).value;
}
