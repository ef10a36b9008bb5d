/** How long to wait before the next request. */

import { ApiError } from "../../shared/api.js";

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Exponential backoff with equal jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015), so that the TVs of a
 * hospital do not all come back in the same instant.
 *
 * @param {number} failures in a row, from 1
 * @param {() => number} random 0 to 1
 * @returns {number} ms
 */
export function backoff(failures, random) {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return whole / 2 + (random() * whole) / 2;
}

/**
 * The wait after a failed request: what the API asked for, where it asked for more.
 *
 * @param {unknown} error
 * @param {number} waitMs
 * @returns {number} ms
 */
export function atLeastAsked(error, waitMs) {
  const asked = error instanceof ApiError ? (error.retryAfterS ?? 0) * 1_000 : 0;
  return Math.max(asked, waitMs);
}
