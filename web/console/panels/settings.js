/** A panel's settings as a form holds them, what is wrong with them, and what they will show and say. */
import { desk, fill } from "../../shared/strings.js";

/** @import { Settings } from "../../shared/types.js" */
/** @import { Said } from "../listening.js" */

const PLACES_MAX = 20;
const PICTURES_MAX = 20;
const PICTURE = /^media\/[\w.-]+(\/[\w.-]+)*\.(webp|jpg|png|mp4|webm)$/;
const TEMPLATE_PART = /\{[^{}]*\}/g;
const TEMPLATE_PARTS = ["{senha}", "{nome}", "{local}"];
const PATIENT_PARTS = ["{senha}", "{nome}"];

/**
 * Lists are texts, a value a line; what may be null is empty instead.
 *
 * @typedef {Omit<Settings, "template" | "voice" | "quiet_hours" | "places" | "pictures"> & {
 *   template: string, voice: string, quiet: boolean, quietFrom: string, quietTo: string,
 *   places: string, pictures: string,
 * }} SettingsForm
 *
 * @typedef {Partial<Record<keyof typeof desk.settings.invalid, string>>} SettingsProblems
 */

/** @param {Settings} settings @returns {SettingsForm} */
export function formOf({ quiet_hours: quiet, ...settings }) {
  return {
    ...settings,
    template: settings.template ?? "",
    voice: settings.voice ?? "",
    quiet: quiet !== null,
    quietFrom: quiet?.from ?? "22:00",
    quietTo: quiet?.to ?? "06:00",
    places: settings.places.join("\n"),
    pictures: settings.pictures.join("\n"),
  };
}

/** @param {SettingsForm} form @returns {Settings} */
export function settingsOf({ quiet, quietFrom, quietTo, ...form }) {
  return {
    ...form,
    title: form.title.trim(),
    template: form.template.trim() || null,
    voice: form.voice || null,
    quiet_hours: quiet ? { from: quietFrom, to: quietTo } : null,
    places: linesOf(form.places),
    pictures: linesOf(form.pictures),
  };
}

/** @param {SettingsForm} form @returns {SettingsProblems} */
export function settingsProblems(form) {
  const { invalid } = desk.settings;
  const pictures = linesOf(form.pictures);
  const goodPictures =
    pictures.length <= PICTURES_MAX && pictures.every((one) => PICTURE.test(one));
  const template = templateProblem(form.template);
  const places = linesOf(form.places);
  const goodPlaces = places.length <= PLACES_MAX && isDifferent(places);
  return {
    ...(form.title.trim() ? {} : { title: invalid.title }),
    ...(template ? { template } : {}),
    ...(goodPlaces ? {} : { places: invalid.places }),
    ...(goodPictures ? {} : { pictures: invalid.pictures }),
    ...(form.quiet && !(form.quietFrom && form.quietTo) ? { quiet: invalid.quiet } : {}),
  };
}

/** @param {SettingsForm} form @returns {{ words: string, said: Said }} of the sample patient */
export function sampleSpeech(form) {
  const { sampleTicket: senha, sampleName: nome } = desk.settings;
  const local = samplePlace(form);
  const template = form.template.trim();
  if (template) {
    const text = fill(template, { senha, nome, local });
    return { words: text, said: { text } };
  }
  const call = {
    ...(form.say === "name" ? {} : { ticket: senha }),
    ...(form.say === "ticket" ? {} : { name: nome }),
    place: local,
  };
  const what = Object.values(call).join(", ");
  return { words: fill(desk.settings.sampleWords, { what }), said: { call } };
}

/** @param {SettingsForm} form @returns {string} the sample patient as the TV shows one */
export function sampleShown({ show }) {
  const { sampleTicket, sampleName, sampleShortName } = desk.settings;
  return {
    name: sampleName,
    short_name: sampleShortName,
    ticket: sampleTicket,
    name_and_ticket: `${sampleTicket} · ${sampleName}`,
  }[show];
}

/** @param {SettingsForm} form */
export function samplePlace({ places }) {
  return linesOf(places)[0] ?? desk.settings.samplePlace;
}

/** @param {string} text */
function linesOf(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** @param {readonly string[]} places */
function isDifferent(places) {
  return new Set(places.map((place) => place.toLowerCase())).size === places.length;
}

/** @param {string} template */
function templateProblem(template) {
  if (!template.trim()) return null;
  const used = template.match(TEMPLATE_PART) ?? [];
  if (!used.some((part) => PATIENT_PARTS.includes(part))) return desk.settings.invalid.template;
  return used.every((part) => TEMPLATE_PARTS.includes(part))
    ? null
    : desk.settings.invalid.templatePlaces;
}
