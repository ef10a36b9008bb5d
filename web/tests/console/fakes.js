/** Stand-ins for what lies outside the console: the API, and time. */
import { ApiError, NoAnswerError } from "../../shared/api.js";

/**
 * @typedef {{ method: string, path: string, body: any, headers: Record<string, string> }} Sent
 * @typedef {Partial<import("../../shared/api.js").Answer> | Error} Reply
 */

/**
 * An API that gives the same answer to a route every time, or one after another from a list.
 *
 * @param {Record<string, Reply | Reply[] | ((sent: Sent) => Reply)>} routes by `METHOD /path`
 */
export function fakeApi(routes) {
  /** @type {Sent[]} */
  const sent = [];
  /** @type {import("../../shared/api.js").Api} */
  const api = {
    async request(method, path, { body, headers = {} } = {}) {
      const request = { method, path, body, headers };
      sent.push(request);
      const route = routes[`${method} ${path}`];
      const reply = Array.isArray(route)
        ? route.shift()
        : typeof route === "function"
          ? route(request)
          : route;
      if (!reply) throw problem(404);
      if (reply instanceof Error) throw reply;
      return { status: 200, body: null, etag: null, ...reply };
    },
  };
  return { api, sent, routes };
}

/** @param {number} status @param {Partial<import("../../shared/types.js").Problem>} [more] */
export function problem(status, more = {}) {
  const body = { type: "urn:t", title: "t", status, detail: "d", request_id: "req-1", ...more };
  return new ApiError(status, body, null);
}

export const noAnswer = () => new NoAnswerError();

export const soon = () => Promise.resolve();

/** Let everything that waits for answers go on. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {Partial<import("../../shared/types.js").Call>} parts @returns {import("../../shared/types.js").Call} */
export function aCall(parts) {
  return {
    id: "c1",
    seq: 1,
    status: "calling",
    called_at: new Date(0).toISOString(),
    ticket: "A042",
    name: "Maria da Silva",
    place: "Consultório 1",
    text: null,
    recall_of: null,
    ...parts,
  };
}
