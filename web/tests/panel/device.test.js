// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createDevice } from "../../panel/device.js";
import { createMemory } from "../../panel/memory.js";
import { initial, speaking } from "../../panel/player/player.js";
import { snapshot } from "../../panel/player/snapshot.js";
import { ApiError } from "../../shared/api.js";
import { SETTINGS, call, happened } from "./world.js";

/** @import { View } from "../../panel/device.js" */

const CLIP_S = 2;

/** Web Audio in which every sound ends after its length. */
class FakeNode {
  gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {}, setTargetAtTime: vi.fn() };
  onended = () => {};
  /** @param {FakeNode} next */
  connect(next) {
    return next;
  }
  disconnect() {}
  start() {
    setTimeout(() => this.onended(), CLIP_S * 1_000);
  }
  stop() {}
}

class FakeContext extends EventTarget {
  state = "suspended";
  currentTime = 0;
  destination = new FakeNode();
  createGain = () => new FakeNode();
  createBufferSource = () => new FakeNode();
  async decodeAudioData() {
    if (FakeContext.undecodable-- > 0) throw new Error("no sound in it");
    return { duration: CLIP_S };
  }
  async resume() {
    if (FakeContext.blocked) return new Promise(() => {});
    this.state = "running";
    return undefined;
  }
  async close() {}
  static blocked = false;
  static undecodable = 0;
}

/** What each route answers; null is a 304. @type {Record<string, (body?: any) => any>} */
let routes;
/** @type {Map<string, Response>} */
let kept;
/** @type {View[]} */
let views;
/** @type {ReturnType<typeof createDevice>} */
let device;
let refused = 0;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  FakeContext.blocked = false;
  FakeContext.undecodable = 0;
  [views, refused] = [[], 0];
  kept = new Map();
  const cache = {
    put: async (/** @type {string} */ key, /** @type {Response} */ clip) =>
      void kept.set(key, clip),
    match: async (/** @type {string} */ key) => kept.get(key)?.clone(),
    delete: async (/** @type {string} */ key) => kept.delete(key),
    keys: async () => [...kept.keys()],
  };
  vi.stubGlobal("caches", { open: async () => cache, delete: async () => kept.clear() });
  vi.stubGlobal("AudioContext", FakeContext);
  vi.stubGlobal("OscillatorNode", FakeNode);
  vi.stubGlobal("GainNode", FakeNode);
  vi.stubGlobal("fetch", async () => new Response(new Uint8Array([1])));
  routes = {
    calls: () => ({ seq: 0, now: time(), settings: "1", events: [], more: false }),
    heartbeat: () => ({ voice: true, spoken: 0, devices: 1, lease_s: 15 }),
    speech: () => ({ url: "https://bucket/clip", duration_s: CLIP_S }),
    sala: () => SETTINGS,
  };
});
afterEach(() => {
  device.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const time = () => new Date().toISOString();
const view = () => /** @type {View} */ (views[views.length - 1]);
const pass = (/** @type {number} */ ms) => vi.advanceTimersByTimeAsync(ms);

/** @param {ReturnType<typeof start>} request */
const hasBeaten = (request) => request.mock.calls.some(([, path]) => path.endsWith("heartbeat"));

function start() {
  const request = vi.fn(
    async (/** @type {string} */ _, /** @type {string} */ path, options = {}) => {
      const route = path.split("?")[0]?.split("/").pop() ?? "";
      const body = await routes[route]?.(/** @type {any} */ (options).body);
      return { status: body === null ? 304 : 200, body, etag: null };
    },
  );
  device = createDevice({
    api: /** @type {any} */ ({ request }),
    panel: "sala",
    memory: createMemory(),
    version: "abc",
    draw: (next) => views.push(next),
    onRefused: () => (refused += 1),
  });
  return request;
}

/** The panel calls somebody. */
function announce() {
  const event = happened("call", call(1, { called_at: time() }));
  routes["calls"] = () => ({ seq: 1, now: time(), settings: "1", events: [event], more: false });
}

describe("a paired device", () => {
  it("Given a panel, when somebody is called, then the chime and the clip sound and the server learns that it was spoken", async () => {
    const beats = vi.fn(() => ({ voice: true, spoken: 0, devices: 1, lease_s: 15 }));
    routes["heartbeat"] = beats;
    start();
    await pass(1_000);
    announce();
    await pass(1_000);
    expect(view().player.current?.phase).toBe("chime");
    await pass(2_000);
    expect(speaking(view().player)).toBe("c1");
    await pass(12_000);
    expect(view().player.history).toHaveLength(1);
    expect(beats).toHaveBeenLastCalledWith({ sound: "on", spoken: 1, version: "abc" });
  });

  it("Given a page that has just loaded, when the feed is answered, then the heartbeat follows it and not before", async () => {
    /** @type {(feed: object) => void} */
    let answer = () => {};
    routes["calls"] = () => new Promise((resolve) => (answer = resolve));
    const request = start();
    await pass(900);
    expect(request).toHaveBeenCalledTimes(1);
    answer({ seq: 0, now: time(), settings: "1", events: [], more: false });
    await pass(0);
    expect(hasBeaten(request)).toBe(true);
  });

  it("Given a feed that does not answer, when a second has passed, then the heartbeat waits no longer", async () => {
    routes["calls"] = () => new Promise(() => {});
    const request = start();
    await pass(1_000);
    expect(hasBeaten(request)).toBe(true);
  });

  it("Given a browser that blocks sound, when a second has passed, then the device says so and not before", async () => {
    FakeContext.blocked = true;
    const request = start();
    await pass(999);
    expect(view().player.sound).toBe("off");
    await pass(1);
    expect(view().player.sound).toBe("blocked");
    expect(request.mock.calls.filter(([, path]) => path.endsWith("heartbeat"))).toHaveLength(1);
  });

  it("Given volume 0 and blocked sound, when nothing changes, then the device reports all the same", async () => {
    FakeContext.blocked = true;
    const silent = { ...SETTINGS, volume: 0 };
    routes["sala"] = () => silent;
    createMemory().save(snapshot(initial(silent, Date.now()), Date.now()));
    const request = start();
    await pass(1_000);
    expect(request.mock.calls.some(([, path]) => path.endsWith("heartbeat"))).toBe(true);
  });

  it("Given a clip that cannot be decoded, when its turn comes, then another one is asked for", async () => {
    FakeContext.undecodable = 1;
    const request = start();
    announce();
    await pass(15_000);
    expect(request.mock.calls.filter(([, path]) => path.endsWith("speech"))).toHaveLength(2);
    expect(view().player.spoken).toBe(1);
  });

  it("Given a spoken call, when its last word is over, then the server knows at once", async () => {
    const beats = vi.fn(() => ({ voice: true, spoken: 0, devices: 1, lease_s: 15 }));
    routes["heartbeat"] = beats;
    start();
    announce();
    await pass(1_000);
    while (view().player.spoken === 0) await pass(10);
    await pass(0);
    expect(beats).toHaveBeenLastCalledWith({ sound: "on", spoken: 1, version: "abc" });
  });

  it("Given blocked sound, when a key is pressed, then it is on", async () => {
    FakeContext.blocked = true;
    start();
    await pass(5_000);
    FakeContext.blocked = false;
    await device.unlock();
    expect(view().player.sound).toBe("on");
  });

  it("Given settings that cannot be had, when the next heartbeat is answered, then they are asked for again", async () => {
    let tries = 0;
    routes["sala"] = () => {
      tries += 1;
      if (tries < 3) throw new ApiError(503, null, null);
      return { ...SETTINGS, title: "Triagem" };
    };
    start();
    await pass(0);
    routes["calls"] = () => null;
    await pass(30_000);
    expect(view().player.settings.title).toBe("Triagem");
    expect(tries).toBe(3);
  });

  it("Given no volume, when the settings say so, then the device's sound is off", async () => {
    routes["sala"] = () => ({ ...SETTINGS, volume: 0 });
    start();
    await pass(2_000);
    expect(view().player.sound).toBe("off");
  });

  it("Given a revoked token, when the API says so, then nothing is left and nothing goes on", async () => {
    start();
    announce();
    await pass(2_000);
    expect(kept.size).toBe(1);
    routes["calls"] = () => {
      throw new ApiError(401, /** @type {any} */ ({ status: 401 }), null);
    };
    await pass(1_000);
    expect(refused).toBe(1);
    expect(localStorage.length).toBe(0);
    expect(kept.size).toBe(0);
    const drawn = views.length;
    await pass(60_000);
    expect(views).toHaveLength(drawn);
  });

  it("Given a device at work, when it is stopped, then no timer is left", async () => {
    const request = start();
    announce();
    await pass(15_000);
    device.stop();
    await pass(10_000);
    const asked = request.mock.calls.length;
    await pass(60_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(request.mock.calls).toHaveLength(asked);
  });
});
