/** Draws a panel's settings, with what they will show and say. */
import { useEffect, useMemo } from "preact/hooks";

import { html } from "../../shared/html.js";
import { desk, fill } from "../../shared/strings.js";
import { Button } from "../parts/button.js";
import { Checkbox, Form, Select, TextArea, TextField } from "../parts/fields.js";
import { ListenButton, ListenStatus } from "../parts/listen.js";
import { samplePlace, sampleShown, sampleSpeech } from "./settings.js";
import { createSettingsStore, LISTENER } from "./settings-store.js";

/** @import { Desk } from "../desk.js" */
/** @import { SettingsForm } from "./settings.js" */
/** @import { SettingsStore } from "./settings-store.js" */

const words = desk.settings;
/** @param {{ desk: Desk, panel: string, onClose: () => void }} props */
export function SettingsScreen({ desk: parts, panel, onClose }) {
  const store = useMemo(() => createSettingsStore(parts, panel), []);
  useEffect(() => {
    void store.load();
    void store.loadVoices();
    return parts.listening.stop;
  }, []);
  const form = store.form.value;
  return html`<div class="row apart">
      <h1>${fill(words.heading, { panel: form?.title || panel })}</h1>
      <${Button} look="quiet" onPress=${onClose}>${words.back}<//>
    </div>
    ${
      form
        ? html`<div class="settings">
            <${Fields} store=${store} form=${form} />
            <${Preview} store=${store} form=${form} />
          </div>`
        : html`<p class="soft">${desk.loading}</p>`
    }`;
}

/** @typedef {{ store: SettingsStore, form: SettingsForm }} Props */

/** @param {Props} props */
function Fields({ store, form }) {
  return html`<${Form} onSubmit=${store.save}>
    <${Shown} store=${store} form=${form} />
    <${Spoken} store=${store} form=${form} />
    <${Room} store=${store} form=${form} />
    <div role="alert">${store.stale.value ? html`<p class="error">${words.stale}</p>` : null}</div>
    <div class="row">
      <${Button} look="main" pending=${store.isPending("save-settings")}>${desk.save}<//>
      <${Button} look="quiet" pending=${store.isPending("settings")} onPress=${store.load}>
        ${words.reload}
      <//>
    </div>
  <//>`;
}

/** @param {Props} props */
function Shown({ store, form }) {
  const problems = store.problems.value;
  return html`<fieldset>
    <legend>${words.groups.shown}</legend>
    <div class="columns">
      <${TextField}
        ...${bound(store, form, "title")}
        label=${words.title}
        error=${problems.title}
        maxLength=${80}
      />
      <${Select}
        ...${bound(store, form, "show")}
        label=${words.show}
        options=${optionsOf(words.shows)}
      />
      <${Select}
        ...${numeric(store, form, "history")}
        label=${words.history}
        options=${[4, 5, 6].map(option)}
      />
      <${Select}
        ...${bound(store, form, "theme")}
        label=${words.theme}
        options=${optionsOf(words.themes)}
      />
    </div>
  </fieldset>`;
}

/** @param {Props} props */
function Spoken({ store, form }) {
  const known = store.voices.value;
  const voices =
    known.some(({ id }) => id === form.voice) || !form.voice
      ? known
      : [...known, { id: form.voice, name: form.voice }];
  return html`<fieldset>
    <legend>${words.groups.said}</legend>
    <div class="columns">
      <${Select}
        ...${bound(store, form, "say")}
        label=${words.say}
        options=${optionsOf(words.says)}
      />
      <${Select}
        ...${bound(store, form, "voice")}
        label=${words.voice}
        options=${[
          { value: "", label: words.voiceDefault },
          ...voices.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <${Select}
        ...${numeric(store, form, "repeats")}
        label=${words.repeats}
        options=${[1, 2, 3].map(option)}
      />
      <${Select}
        ...${bound(store, form, "chime")}
        label=${words.chime}
        options=${optionsOf(words.chimes)}
      />
      <${TextField}
        label=${`${words.volume} (${Math.round(form.volume * 100)} %)`}
        type="range"
        min="0"
        max="100"
        step="5"
        value=${String(Math.round(form.volume * 100))}
        onValue=${(/** @type {string} */ value) => store.change({ volume: Number(value) / 100 })}
      />
    </div>
    <${TextField}
      ...${bound(store, form, "template")}
      label=${words.template}
      hint=${words.templateHint}
      error=${store.problems.value.template}
      maxLength=${300}
    />
  </fieldset>`;
}

/** @param {Props} props */
function Room({ store, form }) {
  const problems = store.problems.value;
  return html`<fieldset>
    <legend>${words.groups.room}</legend>
    <div class="columns">
      <${TextArea}
        ...${bound(store, form, "places")}
        label=${words.places}
        error=${problems.places}
      />
      <${TextArea}
        ...${bound(store, form, "pictures")}
        label=${words.pictures}
        error=${problems.pictures}
      />
    </div>
    <${Checkbox}
      label=${words.quiet}
      hint=${words.quietHint}
      checked=${form.quiet}
      onChecked=${(/** @type {boolean} */ quiet) => store.change({ quiet })}
    />
    <div class="columns">
      ${
        form.quiet
          ? html`<${TextField}
                ...${bound(store, form, "quietFrom")}
                label=${words.quietFrom}
                type="time"
                error=${problems.quiet}
              />
              <${TextField}
                ...${bound(store, form, "quietTo")}
                label=${words.quietTo}
                type="time"
              />`
          : null
      }
      <${Select}
        ...${bound(store, form, "time_zone")}
        label=${words.timeZone}
        options=${Object.entries(words.timeZones).map(([value, label]) => ({ value, label }))}
      />
    </div>
  </fieldset>`;
}

/** @param {Props} props */
function Preview({ store, form }) {
  const shown = sampleShown(form);
  const place = samplePlace(form);
  const what = `${shown}, ${place}`;
  return html`<section class="card preview" aria-labelledby="preview-heading">
    <h2 id="preview-heading">${words.preview}</h2>
    <div class="tv" data-theme=${form.theme} role="img" aria-label=${fill(words.picture, { what })}>
      <span class="tv-title">${form.title}</span>
      <span class="tv-who">${shown}</span>
      <span class="tv-place">${place}</span>
      <span class="tv-history"> ${words.previous}: ${words.sampleHistory.join(" · ")} </span>
    </div>
    <p><strong>${words.previewSaid}:</strong> ${sampleSpeech(form).words}</p>
    <${ListenButton} listening=${store.listening} who=${LISTENER} onListen=${store.listen} />
    <${ListenStatus} listening=${store.listening} who=${LISTENER} />
  </section>`;
}

/**
 * @param {SettingsStore} store
 * @param {SettingsForm} form
 * @param {keyof SettingsForm} name of a text
 */
function bound(store, form, name) {
  return {
    value: form[name],
    onValue: (/** @type {string} */ value) => store.change({ [name]: value }),
  };
}

/**
 * @param {SettingsStore} store
 * @param {SettingsForm} form
 * @param {"history" | "repeats"} name
 */
function numeric(store, form, name) {
  return {
    value: String(form[name]),
    onValue: (/** @type {string} */ value) => store.change({ [name]: Number(value) }),
  };
}

/** @param {number} value */
const option = (value) => ({ value: String(value), label: String(value) });

/** @param {Record<string, string>} labels by value */
const optionsOf = (labels) => Object.entries(labels).map(([value, label]) => ({ value, label }));
