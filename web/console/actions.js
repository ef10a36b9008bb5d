/** What a button does: once at a time, with its result said. */
import { signal } from "@preact/signals";

import { failureWords, isSignedOut } from "./failures.js";

/**
 * @typedef {{ kind: "good" | "bad", words: string }} Notice
 * @typedef {Record<number, string>} Refusals words for a status that the screen knows better
 */

const GOOD_NEWS_MS = 8000;

/** The one place of the page where results are said. Bad news stay until they are closed. */
export function createNotices() {
  const notice = signal(/** @type {Notice | null} */ (null));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {Notice | null} next */
  function show(next) {
    clearTimeout(timer);
    notice.value = next;
    if (next?.kind === "good") timer = setTimeout(() => (notice.value = null), GOOD_NEWS_MS);
  }

  return {
    notice,
    /** @param {string} words */
    say: (words) => show({ kind: "good", words }),
    /** @param {string} words */
    warn: (words) => show({ kind: "bad", words }),
    clear: () => show(null),
  };
}

/** @typedef {ReturnType<typeof createNotices>} Notices */

/**
 * @param {{ notices: Notices, onSignedOut: () => void }} parts
 */
export function createActions({ notices, onSignedOut }) {
  const pending = signal(/** @type {ReadonlySet<string>} */ (new Set()));

  /** @param {unknown} error @param {Refusals} [refused] */
  function fail(error, refused) {
    if (isSignedOut(error)) onSignedOut();
    else notices.warn(failureWords(error, refused));
  }

  /**
   * Do the work unless it is being done; say why when it fails.
   *
   * @template Result
   * @param {string} name of the action; two of one name never run together
   * @param {() => Promise<Result>} work
   * @param {Refusals} [refused]
   * @returns {Promise<Result | undefined>} undefined when it failed or was being done already
   */
  async function run(name, work, refused) {
    if (pending.value.has(name)) return undefined;
    pending.value = new Set([...pending.value, name]);
    notices.clear();
    try {
      return await work();
    } catch (error) {
      fail(error, refused);
      return undefined;
    } finally {
      pending.value = new Set([...pending.value].filter((other) => other !== name));
    }
  }

  return {
    run,
    fail,
    /** @param {string} name @returns {boolean} */
    isPending: (name) => pending.value.has(name),
  };
}

/** @typedef {ReturnType<typeof createActions>} Actions */
