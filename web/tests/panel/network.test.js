// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { backoff } from "../../panel/net/backoff.js";
import { createFeed } from "../../panel/net/feed.js";
import { createHeartbeat } from "../../panel/net/heartbeat.js";
import { createLink } from "../../panel/net/link.js";
import { pair } from "../../panel/net/pairing.js";
import { ApiError, NoAnswerError } from "../../shared/api.js";

/** @type {any} */
const PROBLEM = { title: "x", status: 401 };
const answer = (/** @type {any} */ body, status = 200) => ({ status, body, etag: '"1"' });
const feedOf = (/** @type {any} */ parts = {}) =>
  answer({ seq: 1, now: "2026-03-03T12:00:00Z", settings: "1", events: [], more: false, ...parts });

/** @type {(() => void)[]} */
let running = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  running.forEach((stop) => stop());
  running = [];
  vi.useRealTimers();
});

/** @param {(call: number) => any} respond */
function fakeApi(respond) {
  const request = vi.fn(async () => {
    const next = respond(request.mock.calls.length);
    if (next instanceof Error) throw next;
    return next;
  });
  return /** @type {any} */ ({ request });
}

/** @param {any} api @param {any} [parts] */
function startFeed(api, parts = {}) {
  const link = { asked: vi.fn(), answered: vi.fn() };
  const onFeed = vi.fn();
  const onRefused = vi.fn();
  const given = { api, panel: "sala", after: () => null, random: () => 1 };
  const feed = createFeed({ ...given, onFeed, link, onRefused, ...parts });
  running.push(feed.stop);
  return { feed, onFeed, onRefused, link };
}

const requests = (/** @type {any} */ api) => api.request.mock.calls.length;

describe("the feed", () => {
  it("Given a panel that answers, when a second has passed, then it is asked again, and not before", async () => {
    const api = fakeApi(() => feedOf());
    startFeed(api);
    await vi.advanceTimersByTimeAsync(999);
    expect(requests(api)).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests(api)).toBe(2);
  });

  it("Given an answer with a tag, when it asks for the same again, then it names the tag and takes a 304 for nothing new", async () => {
    const api = fakeApi((call) =>
      call === 1 ? feedOf() : { status: 304, body: null, etag: '"1"' },
    );
    const { onFeed } = startFeed(api, { after: () => 7 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.request.mock.calls[1][1]).toBe("/v1/panels/sala/calls?after=7");
    expect(api.request.mock.calls[1][2].headers).toEqual({ "If-None-Match": '"1"' });
    expect(onFeed).toHaveBeenCalledTimes(1);
  });

  it("Given answers without news, when a minute has passed, then a whole one is asked for, for its clock", async () => {
    const api = fakeApi(() => feedOf());
    api.request.mockImplementationOnce(async () => feedOf());
    api.request.mockImplementation(async () => ({ status: 304, body: null, etag: '"1"' }));
    startFeed(api);
    await vi.advanceTimersByTimeAsync(59_000);
    const tags = () =>
      api.request.mock.calls.map((/** @type {any} */ given) => "If-None-Match" in given[2].headers);
    expect(tags().slice(1)).toEqual(Array.from({ length: 59 }, () => true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tags().pop()).toBe(false);
  });

  it("Given a cursor that moved, when it asks, then the tag of the other address is not sent", async () => {
    let seq = 7;
    const api = fakeApi(() => feedOf());
    startFeed(api, { after: () => seq++ });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.request.mock.calls[1][2].headers).toEqual({});
  });

  it("Given more events than fit, when an answer comes, then it asks on at once", async () => {
    const api = fakeApi((call) => feedOf({ more: call < 3 }));
    startFeed(api);
    await vi.advanceTimersByTimeAsync(10);
    expect(requests(api)).toBe(3);
  });

  it("Given errors in a row, when it tries again, then the pauses double up to 30 s", async () => {
    const api = fakeApi(() => new NoAnswerError());
    startFeed(api);
    const pauses = [];
    for (let before = Date.now(), seen = 1; pauses.length < 7;) {
      await vi.advanceTimersByTimeAsync(100);
      if (requests(api) === seen) continue;
      pauses.push(Math.round((Date.now() - before) / 1_000));
      [before, seen] = [Date.now(), requests(api)];
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  it("Given a long pause, when the browser is online again, then it asks at once", async () => {
    const api = fakeApi(() => new NoAnswerError());
    startFeed(api);
    await vi.advanceTimersByTimeAsync(20_000);
    const before = requests(api);
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(requests(api)).toBe(before + 1);
  });

  it("Given Retry-After, when the panel is busy, then it is not asked before", async () => {
    const api = fakeApi(() => new ApiError(503, PROBLEM, 12));
    startFeed(api);
    await vi.advanceTimersByTimeAsync(11_999);
    expect(requests(api)).toBe(1);
  });

  it("Given a refused token, when the API says so, then the device is told, and not by a proxy's page", async () => {
    const refused = startFeed(fakeApi(() => new ApiError(401, PROBLEM, null)));
    const proxied = startFeed(fakeApi(() => new ApiError(401, null, null)));
    await vi.advanceTimersByTimeAsync(0);
    expect(refused.onRefused).toHaveBeenCalled();
    expect(proxied.onRefused).not.toHaveBeenCalled();
  });

  it("Given that it was stopped, when time passes or the browser comes online, then it asks nothing and leaves no timer", async () => {
    const api = fakeApi(() => feedOf());
    const { feed } = startFeed(api);
    await vi.advanceTimersByTimeAsync(0);
    feed.stop();
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests(api)).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("pauses between failures", () => {
  it("Given jitter, when devices fail together, then they come back anywhere in the second half of the pause", () => {
    expect(backoff(3, () => 0)).toBe(2_000);
    expect(backoff(3, () => 1)).toBe(4_000);
  });
});

describe("the heartbeat", () => {
  /** @param {any} api */
  function start(api) {
    const [onLease, onRefused] = [vi.fn(), vi.fn()];
    const link = { asked: vi.fn(), answered: vi.fn() };
    const report = () => ({ sound: /** @type {const} */ ("on"), spoken: 5, version: "abc" });
    const given = { api, panel: "sala", report, random: () => 1 };
    const heartbeat = createHeartbeat({ ...given, onLease, link, onRefused });
    running.push(heartbeat.stop);
    heartbeat.start();
    return { heartbeat, onLease, onRefused };
  }
  const lease = { voice: true, spoken: 5, devices: 1, lease_s: 15 };

  it("Given a device, when time passes, then it reports every 5 s and hands on the lease", async () => {
    const api = fakeApi(() => answer(lease));
    const { onLease } = start(api);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(requests(api)).toBe(3);
    expect(api.request.mock.calls[0].slice(0, 2)).toEqual(["POST", "/v1/panels/sala/heartbeat"]);
    expect(api.request.mock.calls[0][2].body).toEqual({ sound: "on", spoken: 5, version: "abc" });
    expect(onLease.mock.calls[0]?.[0]).toMatchObject({ voice: true, spoken: 5, alone: true });
  });

  it("Given a second device, when a beat is answered, then this one does not take itself for the only one", async () => {
    const { onLease } = start(fakeApi(() => answer({ ...lease, devices: 2 })));
    await vi.advanceTimersByTimeAsync(0);
    expect(onLease.mock.calls[0]?.[0].alone).toBe(false);
  });

  it("Given a slow answer, when it comes, then the lease counts from when it was asked for", async () => {
    const asked = performance.timeOrigin + performance.now();
    const slow = new Promise((resolve) => setTimeout(resolve, 3_000, answer(lease)));
    const { onLease } = start(fakeApi(() => slow));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(onLease.mock.calls[0]?.[0].until - asked).toBeCloseTo(15_000, -2);
  });

  it("Given something that cannot wait, when it is hurried, then it reports at once and once more after a beat under way", async () => {
    const api = fakeApi(() => new Promise((resolve) => setTimeout(resolve, 100, answer(lease))));
    const { heartbeat } = start(api);
    heartbeat.hurry();
    heartbeat.hurry();
    await vi.advanceTimersByTimeAsync(150);
    expect(requests(api)).toBe(2);
  });

  it("Given a beat without an answer, when a second has passed, then it reports again, and every 5 s at least", async () => {
    const api = fakeApi((call) => (call < 6 ? new NoAnswerError() : answer(lease)));
    const { onLease } = start(api);
    await vi.advanceTimersByTimeAsync(999);
    expect(requests(api)).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests(api)).toBe(2);
    await vi.advanceTimersByTimeAsync(2_000 + 4_000 + 5_000 + 5_000);
    expect(onLease).toHaveBeenCalledTimes(1);
  });

  it("Given an API that asks for patience, when a beat was refused for that, then it waits as long", async () => {
    const api = fakeApi((call) => (call < 2 ? new ApiError(429, PROBLEM, 8) : answer(lease)));
    start(api);
    await vi.advanceTimersByTimeAsync(7_999);
    expect(requests(api)).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests(api)).toBe(2);
  });

  it("Given a refused token, when a beat is answered 401, then the device is told", async () => {
    const { onRefused } = start(fakeApi(() => new ApiError(401, PROBLEM, null)));
    await vi.advanceTimersByTimeAsync(0);
    expect(onRefused).toHaveBeenCalled();
  });
});

describe("the link", () => {
  it("Given a question, when 5 s pass without an answer, then it is offline until one comes", async () => {
    const onChange = vi.fn();
    const link = createLink(onChange);
    link.asked();
    await vi.advanceTimersByTimeAsync(3_000);
    link.asked();
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(onChange).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(onChange).toHaveBeenLastCalledWith("offline");
    link.answered();
    expect(onChange).toHaveBeenLastCalledWith("ok");
  });

  it("Given an answer in time, when nothing is asked for long, then it stays well", async () => {
    const onChange = vi.fn();
    const link = createLink(onChange);
    link.asked();
    link.answered();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe("pairing", () => {
  const code = (/** @type {string} */ user_code) =>
    answer({ device_code: "d", user_code, expires_in: 60, interval: 5 });
  const pending = (/** @type {string} */ error) =>
    new ApiError(400, /** @type {any} */ ({ ...PROBLEM, error }), null);
  const token = answer({ access_token: "t", panel: "sala" });

  /** @param {any[]} answers */
  function start(answers) {
    const onCode = vi.fn();
    const api = fakeApi((call) => answers[call - 1] ?? pending("authorization_pending"));
    const paired = vi.fn();
    void pair({ api, onCode }).then(paired);
    return { api, onCode, paired };
  }

  it("Given a code, when it is entered at the desk, then the device has its token and panel", async () => {
    const { onCode, paired } = start([code("BCDF-GHJK"), pending("authorization_pending"), token]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onCode).toHaveBeenCalledWith("BCDF-GHJK");
    expect(paired).toHaveBeenCalledWith({ access_token: "t", panel: "sala" });
  });

  it("Given slow_down, when it asks on, then it waits 5 s longer from then on", async () => {
    const { api } = start([code("A"), pending("slow_down")]);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(requests(api)).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests(api)).toBe(3);
  });

  it.each(["expired_token", "access_denied"])(
    "Given a code, when the answer is %s, then a new one is shown",
    async (error) => {
      const { onCode } = start([code("A"), pending(error), code("B")]);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(onCode.mock.calls).toEqual([["A"], ["B"]]);
    },
  );

  it("Given a code nobody enters, when its time is over, then a new one is shown", async () => {
    const { onCode, api } = start([code("A")]);
    api.request.mockImplementation(async (/** @type {any} */ _, /** @type {string} */ path) => {
      if (path.endsWith("authorize")) return code("B");
      throw pending("authorization_pending");
    });
    await vi.advanceTimersByTimeAsync(61_000);
    expect(onCode.mock.calls.map(([shown]) => shown)).toContain("B");
  });

  it("Given no network, when a code is wanted, then none is shown and it is tried again", async () => {
    const { onCode } = start([new NoAnswerError(), code("A")]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onCode.mock.calls).toEqual([[null], ["A"]]);
  });
});
