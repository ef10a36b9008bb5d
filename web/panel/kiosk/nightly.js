/** A reload between 03:00 and 04:00: new releases come in, and whatever a browser piled up goes. */

import { minuteOfDay } from "../zone.js";

const FROM_MINUTE = 3 * 60;
const WINDOW_MINUTES = 60;
/** One that has just started need not start again. */
const MIN_AGE_MS = 2 * 3_600_000;
const LOOK_MS = 60_000;
const REACH_MS = 10_000;

/**
 * @param {object} moment
 * @param {number} moment.time the server's, ms since the Unix epoch
 * @param {string} moment.timeZone
 * @param {number} moment.ageMs since the page was loaded
 * @param {number} moment.share 0 to 1, this device's own: TVs spread over the window's first half
 */
export function isReloadTime({ time, timeZone, ageMs, share }) {
  const minute = minuteOfDay(time, timeZone) - FROM_MINUTE;
  return ageMs >= MIN_AGE_MS && minute >= (share * WINDOW_MINUTES) / 2 && minute < WINDOW_MINUTES;
}

/**
 * @param {{ time(): number, timeZone(): string, isIdle(): boolean }} device
 * @param {Promise<ServiceWorkerRegistration | null>} registration
 * @returns {() => void} stop
 */
export function renewNightly(device, registration) {
  const share = Math.random();
  const timer = setInterval(async () => {
    const [time, timeZone, ageMs] = [device.time(), device.timeZone(), performance.now()];
    if (isReloadTime({ time, timeZone, ageMs, share }) && device.isIdle()) {
      await renew(await registration);
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/**
 * Reloads, unless the shell cannot be had: an old page that works is better than none.
 *
 * @param {ServiceWorkerRegistration | null} registration
 */
async function renew(registration) {
  if (!(await isShellReachable())) return;
  await registration?.update().catch(() => undefined);
  location.reload();
}

async function isShellReachable() {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), REACH_MS);
  try {
    // The service worker knows no address with such a query: this asks the network.
    const path = `${location.pathname}?reachable`;
    return (await fetch(path, { cache: "no-store", signal: aborter.signal })).ok;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
