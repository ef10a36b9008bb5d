/** Times as the desk reads them, on this computer's clock. */
import { desk, fill } from "../shared/strings.js";

const TIME = new Intl.DateTimeFormat("pt-BR", { hour: "2-digit", minute: "2-digit" });
const DAY_AND_TIME = new Intl.DateTimeFormat("pt-BR", {
  day: "2-digit",
  month: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** @param {string} at RFC 3339 */
export const timeOfDay = (at) => TIME.format(new Date(at));

/** @param {string} at RFC 3339 */
export const dayAndTime = (at) => DAY_AND_TIME.format(new Date(at));

/**
 * @param {string | null} at RFC 3339
 * @param {number} nowMs
 * @returns {string} "há 3 s"
 */
export function ago(at, nowMs) {
  if (!at) return desk.panels.never;
  const s = Math.floor((nowMs - Date.parse(at)) / 1000);
  if (s < 2) return desk.panels.justNow;
  if (s < MINUTE_S) return fill(desk.panels.secondsAgo, { n: s });
  if (s < HOUR_S) return fill(desk.panels.minutesAgo, { n: Math.floor(s / MINUTE_S) });
  if (s < DAY_S) return fill(desk.panels.hoursAgo, { n: Math.floor(s / HOUR_S) });
  return fill(desk.panels.daysAgo, { n: Math.floor(s / DAY_S) });
}
