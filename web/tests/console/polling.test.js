import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createPolling } from "../../console/polling.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @param {() => Promise<void>} task @param {number} [everyMs] */
function started(task, everyMs = 2000) {
  const polling = createPolling(task, { everyMs: () => everyMs, random: () => 1 });
  polling.start();
  return polling;
}

test("given a slow answer, when more is asked, then one request is out at a time", async () => {
  /** @type {() => void} */
  let answer = () => {};
  const task = vi.fn(() => new Promise((resolve) => (answer = () => resolve(undefined))));
  const polling = started(task);

  polling.now();
  polling.now();
  expect(task).toHaveBeenCalledTimes(1);
  answer();
  await vi.advanceTimersByTimeAsync(0);

  expect(task).toHaveBeenCalledTimes(2);
  polling.stop();
});

test("given failures, when polling, then it slows down, tells after two, and recovers", async () => {
  let works = false;
  const task = vi.fn(async () => {
    if (!works) throw new Error("no answer");
  });
  const polling = started(task);

  await vi.advanceTimersByTimeAsync(0);
  expect(polling.connected.value).toBe(true);
  await vi.advanceTimersByTimeAsync(2000);
  expect(polling.connected.value).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  expect(task).toHaveBeenCalledTimes(2);

  works = true;
  await vi.advanceTimersByTimeAsync(2000);
  expect(polling.connected.value).toBe(true);
  polling.stop();
});

test("given it was stopped, when time passes, then nothing is asked", async () => {
  const task = vi.fn(async () => {});
  const polling = started(task);
  await vi.advanceTimersByTimeAsync(0);

  polling.stop();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(task).toHaveBeenCalledTimes(1);
});

test("given something asked each minute, when it fails, then it is asked again within seconds", async () => {
  const task = vi.fn().mockRejectedValueOnce(new Error("no answer")).mockResolvedValue(undefined);
  const polling = started(task, 60_000);

  await vi.advanceTimersByTimeAsync(2000);
  expect(task).toHaveBeenCalledTimes(2);

  await vi.advanceTimersByTimeAsync(59_999);
  expect(task).toHaveBeenCalledTimes(2);
  polling.stop();
});
