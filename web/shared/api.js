/** The API as the pages call it: same origin, JSON, a bearer token, a time-out on every request. */

/** @import { Problem } from "./types.js" */

const TIMEOUT_MS = 10_000;

/** The API answered with an error. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Problem | null} problem null when the answer was not the API's own (a proxy's page)
   * @param {number | null} retryAfterS
   */
  constructor(status, problem, retryAfterS) {
    super(`HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer came: no network, or not within the time-out. */
export class NoAnswerError extends Error {
  constructor() {
    super("no answer");
    this.name = "NoAnswerError";
  }
}

/**
 * @typedef {object} Answer
 * @property {number} status 2xx, or 304 without a body
 * @property {any} body parsed JSON; null without one
 * @property {string | null} etag
 *
 * @typedef {object} RequestOptions
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {number} [timeoutMs]
 * @property {AbortSignal} [signal]
 */

/**
 * @param {{ token: () => string | null, fetch?: typeof fetch }} parts
 */
export function createApi({ token, fetch: send = (...wanted) => fetch(...wanted) }) {
  /**
   * @param {"GET" | "POST" | "PUT" | "DELETE"} method
   * @param {string} path such as `/v1/panels`
   * @param {RequestOptions} [options]
   * @returns {Promise<Answer>}
   * @throws {ApiError | NoAnswerError}
   */
  async function request(method, path, options = {}) {
    const { body, headers = {}, timeoutMs = TIMEOUT_MS, signal } = options;
    const aborter = new AbortController();
    const abort = () => aborter.abort();
    const timer = setTimeout(abort, timeoutMs);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    try {
      return await read(
        await send(path, {
          method,
          headers: { ...authorization(token()), ...jsonType(body), ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          cache: "no-store",
          credentials: "omit",
          signal: aborter.signal,
        }),
      );
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new NoAnswerError();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
  return { request };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/**
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
async function read(response) {
  const etag = response.headers.get("ETag");
  if (response.status === 304) return { status: 304, body: null, etag };
  const type = response.headers.get("Content-Type") ?? "";
  const body = /[/+]json\b/.test(type) ? await response.json() : null;
  if (response.ok) return { status: response.status, body, etag };
  const retryAfter = Number(response.headers.get("Retry-After") ?? NaN);
  throw new ApiError(response.status, body, Number.isFinite(retryAfter) ? retryAfter : null);
}

/** @param {string | null} token @returns {Record<string, string>} */
function authorization(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** @param {unknown} body @returns {Record<string, string>} */
function jsonType(body) {
  return body === undefined ? {} : { "Content-Type": "application/json" };
}
