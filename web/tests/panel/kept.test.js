// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { isReloadTime } from "../../panel/kiosk/nightly.js";
import { createMemory } from "../../panel/memory.js";
import { createClips, createClipStore } from "../../panel/net/clips.js";
import { snapshot } from "../../panel/player/snapshot.js";
import { ApiError } from "../../shared/api.js";
import { MORNING, World } from "./world.js";

const CLIP = { status: "ready", id: "x", url: "https://bucket/clip.mp3", duration_s: 2.5 };

/** The browser's cache in a map. @returns {any} */
function fakeCaches() {
  /** @type {Map<string, Response>} */
  const kept = new Map();
  const cache = {
    put: async (/** @type {string} */ key, /** @type {Response} */ response) =>
      void kept.set(key, response),
    match: async (/** @type {string} */ key) => kept.get(key)?.clone(),
    delete: async (/** @type {string} */ key) => kept.delete(key),
    keys: async () => [...kept.keys()],
  };
  return { kept, open: async () => cache, delete: async () => kept.clear() };
}

describe("clips", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => new Response(new Uint8Array([1, 2, 3]))),
    );
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  /** @param {any[]} answers of the speech route */
  function clipsWith(...answers) {
    const storage = fakeCaches();
    const request = vi.fn(async () => {
      const next = answers[request.mock.calls.length - 1];
      if (next instanceof Error) throw next;
      return next;
    });
    const api = /** @type {any} */ ({ request });
    return {
      clips: createClips({ api, panel: "sala", store: createClipStore(storage) }),
      storage,
      request,
    };
  }
  const ready = { status: 200, body: CLIP };
  const rendering = { status: 202, body: { status: "rendering", retry_after_s: 2 } };

  it("Given ready speech, when it is fetched, then its sound and length are kept", async () => {
    const { clips } = clipsWith(ready);
    expect(await clips.fetch("c1")).toBe(2_500);
    expect(new Uint8Array(/** @type {ArrayBuffer} */ (await clips.read("c1")))).toEqual(
      new Uint8Array([1, 2, 3]),
    );
  });

  it("Given a kept clip, when it is fetched again, then nothing is asked for", async () => {
    const { clips, request } = clipsWith(ready);
    await clips.fetch("c1");
    expect(await clips.fetch("c1")).toBe(2_500);
    expect(request).toHaveBeenCalledTimes(1);
  });

  it("Given speech that is being rendered, when its time has come, then it is asked for again", async () => {
    const { clips } = clipsWith(rendering, ready);
    const fetched = clips.fetch("c1");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await fetched).toBe(2_500);
  });

  it("Given speech that cannot be, when it is fetched, then there is none", async () => {
    const { clips } = clipsWith(new ApiError(422, null, null));
    expect(await clips.fetch("c1")).toBeNull();
  });

  it("Given a request under way, when another one takes over, then only the second one answers", async () => {
    const { clips } = clipsWith(rendering, ready);
    const first = clips.fetch("c1");
    await vi.advanceTimersByTimeAsync(0);
    expect(await clips.fetch("c1")).toBe(2_500);
    expect(await first).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("Given a rendering that never ends, when 30 s have passed, then there is none and no timer is left", async () => {
    const { clips } = clipsWith(...Array.from({ length: 40 }, () => rendering));
    const fetched = clips.fetch("c1");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await fetched).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("Given a spoken call, when it is forgotten, then its clip is gone", async () => {
    const { clips, storage } = clipsWith(ready);
    await clips.fetch("c1");
    await clips.forget("c1");
    expect(storage.kept.size).toBe(0);
  });

  it("Given a kept clip, when 10 minutes have passed, then it is let go, and not before", async () => {
    const { clips, storage } = clipsWith(ready);
    await clips.fetch("c1");
    await vi.advanceTimersByTimeAsync(599_000);
    await clips.sweep();
    expect(storage.kept.size).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    await clips.sweep();
    expect(storage.kept.size).toBe(0);
  });

  it("Given any call, when its clip is kept, then no name is in the key", async () => {
    const { clips, storage } = clipsWith(ready);
    await clips.fetch("c1");
    expect([...storage.kept.keys()]).toEqual(["/panel/clips/c1"]);
  });
});

describe("what outlives a reload", () => {
  beforeEach(() => localStorage.clear());
  const saved = () => snapshot(new World().voice().call().pass(60_000).call().state, MORNING);

  it("Given a state, when it is saved and loaded on the same day, then it is the same", () => {
    const memory = createMemory();
    memory.save(saved());
    expect(memory.load(MORNING + 1_000)).toEqual(JSON.parse(JSON.stringify(saved())));
  });

  it("Given a state, when it is loaded on the next day, then no call is left and its place in the feed is", () => {
    const memory = createMemory();
    memory.save(saved());
    const later = memory.load(MORNING + 24 * 3_600_000);
    expect(later).toMatchObject({ waiting: [], history: [], cursor: 2 });
  });

  it("Given what is no state, when it is loaded, then there is none", () => {
    createMemory().save(saved());
    localStorage.setItem(/** @type {string} */ (localStorage.key(0)), "{");
    expect(createMemory().load(MORNING)).toBeNull();
  });

  it("Given a refused token, when the memory is cleared, then nothing is left", () => {
    const memory = createMemory();
    memory.setPanel("sala");
    memory.save(saved());
    memory.clear();
    expect(localStorage.length).toBe(0);
  });

  it("Given a state, when the device goes to another panel, then it is gone, and stays when the panel is the same", () => {
    const memory = createMemory();
    memory.setPanel("sala");
    memory.save(saved());
    memory.setPanel("sala");
    expect(memory.load(MORNING)).not.toBeNull();
    memory.setPanel("outra");
    expect(memory.load(MORNING)).toBeNull();
  });

  it("Given a full storage, when a state is saved, then the panel goes on", () => {
    const full = {
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    };
    expect(() => createMemory(/** @type {any} */ (full)).save(saved())).not.toThrow();
  });
});

describe("the nightly reload", () => {
  const day = 24 * 3_600_000;
  const moment = (/** @type {string} */ local, share = 0, ageMs = day) => ({
    time: Date.parse(`2026-03-03T${local}:00-03:00`),
    timeZone: "America/Fortaleza",
    ageMs,
    share,
  });

  it.each([
    ["02:59", 0, false],
    ["03:00", 0, true],
    ["03:14", 0.5, false],
    ["03:15", 0.5, true],
    ["03:59", 1, true],
    ["04:00", 0, false],
  ])(
    "Given %s and a device's share of %s, when asked, then it is time: %s",
    (local, share, due) => {
      expect(isReloadTime(moment(local, share))).toBe(due);
    },
  );

  it("Given a page that has just been loaded, when it is the hour, then it is not loaded again", () => {
    expect(isReloadTime(moment("03:30", 0, 3_600_000))).toBe(false);
  });
});
