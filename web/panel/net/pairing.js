/** Pairs this device with a panel: the device authorization grant (RFC 8628). */

/** @import { Api } from "../../shared/api.js" */

import { ApiError } from "../../shared/api.js";
import { pause } from "../../shared/pause.js";
import { backoff } from "./backoff.js";

/** RFC 8628, 3.5: what `slow_down` adds to the interval. */
const SLOW_DOWN_S = 5;

/**
 * @typedef {object} Paired
 * @property {string} access_token
 * @property {string} panel
 */

/**
 * Shows codes until somebody at the desk enters one.
 *
 * @param {object} parts
 * @param {Api} parts.api
 * @param {(code: string | null) => void} parts.onCode null: none can be had at the moment
 * @returns {Promise<Paired>}
 */
export async function pair({ api, onCode }) {
  for (let failures = 0; ;) {
    try {
      const { body } = await api.request("POST", "/v1/device/authorize");
      failures = 0;
      onCode(body.user_code);
      const paired = await approval(api, body);
      if (paired) return paired;
    } catch {
      onCode(null);
      failures += 1;
      await pause(backoff(failures, Math.random));
    }
  }
}

/**
 * @param {Api} api
 * @param {{ device_code: string, expires_in: number, interval: number }} asked
 * @returns {Promise<Paired | null>} null when the code is spent
 */
async function approval(api, { device_code, expires_in, interval }) {
  const end = performance.now() + expires_in * 1_000;
  let wait = interval;
  while (performance.now() < end) {
    await pause(wait * 1_000);
    const answer = await exchange(api, device_code);
    if (typeof answer !== "string") return answer;
    if (answer === "slow_down") wait += SLOW_DOWN_S;
    else if (answer !== "authorization_pending") return null;
  }
  return null;
}

/**
 * @param {Api} api
 * @param {string} device_code
 * @returns {Promise<Paired | string>} the token, or RFC 8628's error code
 */
async function exchange(api, device_code) {
  try {
    return (await api.request("POST", "/v1/device/token", { body: { device_code } })).body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return error.problem?.error ?? "";
    // RFC 8628, 3.5: a connection that fails is retried more slowly.
    return "slow_down";
  }
}
