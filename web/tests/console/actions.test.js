import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createActions, createNotices } from "../../console/actions.js";
import { noAnswer, problem } from "./fakes.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const notices = createNotices();
  const onSignedOut = vi.fn();
  return { notices, onSignedOut, actions: createActions({ notices, onSignedOut }) };
}

test("given work under way, when it is asked for again, then it is done once", async () => {
  const { actions } = setUp();
  /** @type {(value: string) => void} */
  let finish = () => {};
  const work = vi.fn(() => new Promise((resolve) => (finish = resolve)));

  const first = actions.run("next", work);
  const second = await actions.run("next", work);
  const other = actions.isPending("next");
  finish("done");

  expect(second).toBeUndefined();
  expect(other).toBe(true);
  expect(await first).toBe("done");
  expect(work).toHaveBeenCalledTimes(1);
  expect(actions.isPending("next")).toBe(false);
});

test("given no network, when work fails, then it says what to do and can be done again", async () => {
  const { actions, notices } = setUp();

  await actions.run("next", () => Promise.reject(noAnswer()));

  expect(notices.notice.value).toEqual({
    kind: "bad",
    words: "Sem resposta do servidor. Confira a rede e tente de novo.",
  });
  expect(actions.isPending("next")).toBe(false);
});

test("given a screen that knows better, when a status comes, then its words are said", async () => {
  const { actions, notices } = setUp();

  await actions.run("pair", () => Promise.reject(problem(422)), { 422: "Código vencido." });

  expect(notices.notice.value?.words).toBe("Código vencido.");
});

test("given a revoked key, when work fails, then the person is signed out", async () => {
  const { actions, onSignedOut } = setUp();

  await actions.run("next", () => Promise.reject(problem(401)));

  expect(onSignedOut).toHaveBeenCalledOnce();
});

test("given good news and bad news, when time passes, then only the bad stay", () => {
  const { notices } = setUp();

  notices.say("Chamado: A042.");
  vi.advanceTimersByTime(8000);
  expect(notices.notice.value).toBeNull();

  notices.warn("Sem resposta.");
  vi.advanceTimersByTime(60_000);
  expect(notices.notice.value?.words).toBe("Sem resposta.");
});
