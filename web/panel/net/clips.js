/**
 * Speech of the calls in the queue: asked for as soon as a call is known, kept in the browser's cache so that a
 * reload without a network still speaks, and let go once spoken or after 10 minutes.
 */

/** @import { Api } from "../../shared/api.js" */
/** @import { ReadySpeech } from "../../shared/types.js" */

const CACHE = "clips";
const KEPT_MS = 600_000;
const DURATION = "X-Duration-Ms";
/** The server waits this long for a rendering before it answers 202. */
const WAIT_S = 5;
/** The player has long moved on to its next means. */
const GIVE_UP_MS = 30_000;

/**
 * @param {object} parts
 * @param {Api} parts.api
 * @param {string} parts.panel
 * @param {ClipStore} parts.store
 */
export function createClips({ api, panel, store }) {
  /** @type {Map<string, AbortController>} */
  const under = new Map();

  /**
   * @param {string} id of a call
   * @returns {Promise<number | null | undefined>} the clip's length in ms once it is kept; null when it cannot be
   *   had; undefined when another request for it took over, or nobody wants it any more
   */
  async function fetchClip(id) {
    under.get(id)?.abort();
    const aborter = new AbortController();
    under.set(id, aborter);
    const timer = setTimeout(() => aborter.abort(), GIVE_UP_MS);
    try {
      return (await store.durationMs(id)) ?? (await download(id, aborter.signal));
    } catch {
      return under.get(id) === aborter ? null : undefined;
    } finally {
      clearTimeout(timer);
      if (under.get(id) === aborter) under.delete(id);
    }
  }

  /** @param {string} id @param {AbortSignal} signal */
  async function download(id, signal) {
    const { url, duration_s } = await ready(id, signal);
    const answer = await fetch(url, { signal, credentials: "omit" });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const audio = await answer.arrayBuffer();
    if (signal.aborted) throw new Error("no longer wanted");
    const durationMs = Math.round(duration_s * 1_000);
    await store.keep(id, audio, durationMs);
    return durationMs;
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<ReadySpeech>} */
  async function ready(id, signal) {
    const path = `/v1/panels/${panel}/calls/${encodeURIComponent(id)}/speech`;
    for (;;) {
      const { status, body } = await api.request("GET", path, {
        headers: { Prefer: `wait=${WAIT_S}` },
        signal,
      });
      if (status !== 202) return body;
      await pause((body?.retry_after_s ?? 1) * 1_000, signal);
    }
  }

  return {
    fetch: fetchClip,
    read: store.read,
    /** @param {string} id */
    async forget(id) {
      under.get(id)?.abort();
      under.delete(id);
      await store.drop(id);
    },
    sweep: store.sweep,
    /** Stops what is under way; what is kept stays for after a reload. */
    stop() {
      under.forEach((aborter) => aborter.abort());
    },
    clear: store.clear,
  };
}

/** @typedef {ReturnType<typeof createClips>} Clips */

/** @typedef {ReturnType<typeof createClipStore>} ClipStore */

/** @param {CacheStorage} storage */
export function createClipStore(storage = caches) {
  const key = (/** @type {string} */ id) => `/panel/clips/${encodeURIComponent(id)}`;

  /** @param {string} id */
  const find = async (id) => (await storage.open(CACHE)).match(key(id));

  return {
    /** @param {string} id @param {ArrayBuffer} audio @param {number} durationMs */
    async keep(id, audio, durationMs) {
      const headers = { [DURATION]: String(durationMs), Date: new Date().toUTCString() };
      await (await storage.open(CACHE)).put(key(id), new Response(audio, { headers }));
    },
    /** @param {string} id @returns {Promise<number | null>} null without a clip */
    async durationMs(id) {
      const kept = await find(id);
      return kept ? Number(kept.headers.get(DURATION)) : null;
    },
    /** @param {string} id @returns {Promise<ArrayBuffer | null>} */
    async read(id) {
      const kept = await find(id);
      return kept ? kept.arrayBuffer() : null;
    },
    /** @param {string} id */
    async drop(id) {
      await (await storage.open(CACHE)).delete(key(id));
    },
    /** Lets go of every clip that was kept more than 10 minutes ago. */
    async sweep() {
      const cache = await storage.open(CACHE);
      for (const request of await cache.keys()) {
        const kept = await cache.match(request);
        const age = Date.now() - Date.parse(kept?.headers.get("Date") ?? "");
        // Also when the clock was set back: what cannot be dated is not kept.
        if (!(age >= 0 && age <= KEPT_MS)) await cache.delete(request);
      }
    },
    async clear() {
      await storage.delete(CACHE);
    },
  };
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      if (signal.aborted) reject(new Error("no longer wanted"));
      else resolve();
    }
    signal.addEventListener("abort", done);
  });
}
