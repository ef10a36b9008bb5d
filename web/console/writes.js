/** Requests that change something: each may be sent again without happening twice. */
import { ApiError, NoAnswerError } from "../shared/api.js";
import { pause } from "../shared/pause.js";

/** @import { Answer, Api } from "../shared/api.js" */

const RETRY_AFTER_MS = [500, 1000, 2000, 4000];
// A gateway's word that it does not know what became of the request.
const UNDECIDED = new Set([502, 503, 504]);

/** 128 random bits: `crypto.randomUUID` is missing where the page is not served over HTTPS. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Api} api
 * @param {{ wait?: (ms: number) => Promise<void>, key?: () => string }} [parts]
 */
export function createWrites(api, { wait = pause, key = newKey } = {}) {
  /**
   * Send with an `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header), and again with
   * the same one while no answer comes.
   *
   * @param {"POST" | "PUT" | "DELETE"} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<Answer>}
   * @throws {ApiError | NoAnswerError} refused, or no answer to any attempt
   */
  async function write(method, path, body, headers = {}) {
    const options = { body, headers: { ...headers, "Idempotency-Key": key() } };
    for (const delay of RETRY_AFTER_MS) {
      try {
        return await api.request(method, path, options);
      } catch (error) {
        if (!isUndecided(error)) throw error;
      }
      await wait(delay);
    }
    return api.request(method, path, options);
  }
  return write;
}

/** @typedef {ReturnType<typeof createWrites>} Write */

/** @param {unknown} error */
function isUndecided(error) {
  return (
    error instanceof NoAnswerError || (error instanceof ApiError && UNDECIDED.has(error.status))
  );
}
