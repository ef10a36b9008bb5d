/** The room's time of day, wherever the device believes to be. */

/** @param {number} epochMs @param {string} timeZone IANA name @returns {number} minutes since midnight */
export function minuteOfDay(epochMs, timeZone) {
  const [hour, minute] = parts(epochMs, timeZone, { hour: "2-digit", minute: "2-digit" });
  return Number(hour) * 60 + Number(minute);
}

/** @param {number} epochMs @param {string} timeZone @returns {string} such as "2025-11-22" */
export function dayOf(epochMs, timeZone) {
  return parts(epochMs, timeZone, { year: "numeric", month: "2-digit", day: "2-digit" })
    .reverse()
    .join("-");
}

/**
 * Whether it is quiet time. The hours may span midnight; `from` is within, `to` is not.
 *
 * @param {{ from: string, to: string } | null} hours "HH:MM"
 * @param {number} epochMs
 * @param {string} timeZone
 */
export function isQuiet(hours, epochMs, timeZone) {
  if (!hours) return false;
  const [from, to, now] = [minutes(hours.from), minutes(hours.to), minuteOfDay(epochMs, timeZone)];
  return from <= to ? from <= now && now < to : now >= from || now < to;
}

/** @param {string} time "HH:MM" */
function minutes(time) {
  const [hour, minute] = time.split(":");
  return Number(hour) * 60 + Number(minute);
}

/** @param {number} epochMs @param {string} timeZone @returns {string} such as "14:32" */
export function timeText(epochMs, timeZone) {
  return parts(epochMs, timeZone, { hour: "2-digit", minute: "2-digit" }).join(":");
}

/** @param {number} epochMs @param {string} timeZone @returns {string} such as "sábado, 22 de novembro" */
export function dateText(epochMs, timeZone) {
  return formatter(timeZone, { weekday: "long", day: "numeric", month: "long" }).format(epochMs);
}

/** Making a formatter is slow on a TV's processor, and these are asked for every second. */
const formatters = /** @type {Map<string, Intl.DateTimeFormat>} */ (new Map());

/** @param {string} timeZone @param {Intl.DateTimeFormatOptions} wanted */
function formatter(timeZone, wanted) {
  const key = [timeZone, ...Object.keys(wanted)].join();
  // h23: Chromium 79 writes midnight as "24" under `hour12: false`.
  const made =
    formatters.get(key) ?? new Intl.DateTimeFormat("pt-BR-u-hc-h23", { timeZone, ...wanted });
  formatters.set(key, made);
  return made;
}

/**
 * @param {number} epochMs
 * @param {string} timeZone
 * @param {Intl.DateTimeFormatOptions} wanted
 * @returns {string[]} the numbers in it, in the order of pt-BR (day, month, year; hour, minute)
 */
function parts(epochMs, timeZone, wanted) {
  return formatter(timeZone, wanted)
    .formatToParts(epochMs)
    .filter(({ type }) => type !== "literal")
    .map(({ value }) => value);
}
