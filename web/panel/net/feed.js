/** Polls a panel's calls, one request at a time. */

/** @import { Api } from "../../shared/api.js" */
/** @import { Feed } from "../../shared/types.js" */

import { now } from "../clock.js";
import { atLeastAsked, backoff } from "./backoff.js";
import { isRefused } from "./refusal.js";

const POLL_MS = 1_000;
/** A 304 has no `now` in it, and a steady clock stands still while a TV sleeps: this often, a whole answer is wanted. */
const TAG_MS = 60_000;

/**
 * @param {object} parts
 * @param {Api} parts.api
 * @param {string} parts.panel
 * @param {() => number | null} parts.after seq of the last event taken in; null: none yet
 * @param {(feed: Feed) => void} parts.onFeed
 * @param {{ asked: () => void, answered: () => void }} parts.link
 * @param {() => void} parts.onRefused
 * @param {() => number} [parts.random]
 */
export function createFeed({ api, panel, after, onFeed, link, onRefused, random = Math.random }) {
  const aborter = new AbortController();
  let timer = 0;
  let busy = false;
  let failures = 0;
  /** @type {() => void} */
  let settle;
  /** @type {Promise<void>} */
  const first = new Promise((resolve) => (settle = resolve));
  /** The tag belongs to the address that it came from. */
  let tagged = { path: "", etag: "", until: 0 };

  async function poll() {
    busy = true;
    link.asked();
    const wait = await ask().catch(failed);
    busy = false;
    settle();
    if (!aborter.signal.aborted) timer = window.setTimeout(poll, wait);
  }

  async function ask() {
    const seq = after();
    const path = `/v1/panels/${panel}/calls${seq === null ? "" : `?after=${seq}`}`;
    const isKnown = tagged.path === path && now() < tagged.until;
    const headers = isKnown ? { "If-None-Match": tagged.etag } : {};
    const { status, body, etag } = await api.request("GET", path, {
      headers,
      signal: aborter.signal,
    });
    failures = 0;
    if (aborter.signal.aborted) return 0;
    link.answered();
    if (status !== 304) {
      onFeed(body);
      tagged = { path, etag: etag ?? "", until: now() + TAG_MS };
    }
    if (body?.more) return 0;
    return POLL_MS;
  }

  /** @param {unknown} error @returns {number} */
  function failed(error) {
    failures += 1;
    if (isRefused(error)) onRefused();
    return atLeastAsked(error, backoff(failures, random));
  }

  /** Asks at once, unless a request is under way. */
  function hurry() {
    if (busy || aborter.signal.aborted) return;
    clearTimeout(timer);
    void poll();
  }

  window.addEventListener("online", hurry);
  hurry();
  return {
    /** Kept as soon as the first request was answered or failed. */
    first,
    stop() {
      aborter.abort();
      clearTimeout(timer);
      window.removeEventListener("online", hurry);
    },
  };
}
