import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createActions, createNotices } from "../../console/actions.js";
import { createFeed } from "../../console/calls/feed.js";
import { createCallsStore } from "../../console/calls/store.js";
import { createUndo } from "../../console/calls/undo.js";
import { createWrites } from "../../console/writes.js";
import { aCall, fakeApi, problem, soon } from "./fakes.js";

const BASE = "/v1/panels/recepcao";
const PLACE = "Consultório 1";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

/** @param {Record<string, any>} routes @param {string | null} place */
function aDesk(routes, place = PLACE) {
  const { api, sent } = fakeApi(routes);
  const notices = createNotices();
  const actions = createActions({ notices, onSignedOut: () => {} });
  const feed = createFeed({ api, panel: "recepcao", onError: () => {} });
  const station = { panel: "recepcao", place };
  const write = createWrites(api, { wait: soon });
  const calls = createCallsStore({ station, feed, undo: createUndo(), write, actions, notices });
  const posted = () => sent.filter(({ method }) => method === "POST");
  return { calls, feed, notices, posted, words: () => notices.notice.value?.words };
}

const made = (parts = {}) => ({
  status: 201,
  body: aCall({ called_at: new Date(Date.now()).toISOString(), ...parts }),
});

test("given a desk with a place, when next is called, then it is sent at once, for that place", () => {
  const { calls, posted } = aDesk({ [`POST ${BASE}/calls/next`]: made() });

  void calls.callNext();

  expect(posted().map(({ path, body }) => [path, body])).toEqual([
    [`${BASE}/calls/next`, { place: PLACE }],
  ]);
});

test("given a call on its way, when the button is pressed again, then one call is made", async () => {
  const { calls, posted, words } = aDesk({ [`POST ${BASE}/calls/next`]: made() });

  await Promise.all([calls.callNext(), calls.callNext()]);

  expect(posted()).toHaveLength(1);
  expect(calls.current.value?.id).toBe("c1");
  expect(words()).toBe("Chamado: A042 · Maria da Silva.");
});

test("given nobody waits, when next is called, then that is said", async () => {
  const { calls, words } = aDesk({ [`POST ${BASE}/calls/next`]: { status: 204 } });

  await calls.callNext();

  expect(words()).toBe("Ninguém na espera.");
  expect(calls.current.value).toBeNull();
});

test("given a new call, when time passes, then undo counts down from 5 to nothing", async () => {
  const { calls } = aDesk({ [`POST ${BASE}/calls/next`]: made() });

  await calls.callNext();

  expect(calls.undoLeftS.value).toBe(5);
  vi.advanceTimersByTime(3200);
  expect(calls.undoLeftS.value).toBe(2);
  vi.advanceTimersByTime(2000);
  expect(calls.undoLeftS.value).toBe(0);
});

test("given a new call, when undone in time, then it is no longer the current one", async () => {
  const { calls, words } = aDesk({
    [`POST ${BASE}/calls/next`]: made(),
    [`POST ${BASE}/calls/c1/cancel`]: { body: aCall({ status: "cancelled" }) },
  });
  await calls.callNext();
  const call = calls.current.value;

  if (call) await calls.undo(call);

  expect(calls.current.value).toBeNull();
  expect(words()).toBe("Chamada desfeita: A042 · Maria da Silva.");
});

test("given an older call, when undoing is refused, then it is said that it was on air", async () => {
  const { calls, words } = aDesk({ [`POST ${BASE}/calls/c1/cancel`]: problem(409) });

  await calls.undo(aCall({}));

  expect(words()).toContain("já foi ao ar");
});

test("given a typed call, when it is made, then blanks are left out and the form is emptied", async () => {
  const { calls, posted } = aDesk({ [`POST ${BASE}/calls`]: made({ name: null }) });
  calls.draft.value = { ticket: " B007 ", name: "  ", place: "Triagem" };

  await calls.callDraft();

  expect(posted()[0]?.body).toEqual({ ticket: "B007", place: "Triagem" });
  expect(calls.draft.value).toEqual({ ticket: "", name: "", place: PLACE });
});

test("given only a place typed, when called, then nothing is sent and it says what is missing", async () => {
  const { calls, posted, words } = aDesk({});
  calls.draft.value = { ticket: "", name: " ", place: "Triagem" };

  await calls.callDraft();

  expect(posted()).toHaveLength(0);
  expect(words()).toBe("Escreva a senha ou o nome.");
});

test("given a typed call that fails, when looking at the form, then what was typed is there", async () => {
  const { calls } = aDesk({ [`POST ${BASE}/calls`]: problem(422) });
  const draft = { ticket: "B007", name: "", place: "" };
  calls.draft.value = draft;

  await calls.callDraft();

  expect(calls.draft.value).toEqual(draft);
});

test("given somebody waiting, when called out of turn, then the entry itself is called", async () => {
  const { calls, feed, posted } = aDesk({ [`POST ${BASE}/calls`]: made() });
  const entry = { id: "w1", ticket: "A042", name: null, place: "Triagem", since: "" };
  feed.waiting.value = [entry, { ...entry, id: "w2" }];

  await calls.callWaiting(entry);

  expect(posted()[0]?.body).toEqual({ waiting: "w1", place: PLACE });
  expect(feed.waiting.value.map(({ id }) => id)).toEqual(["w2"]);
});

test("given another desk was faster, when called out of turn, then that is said", async () => {
  const { calls, words } = aDesk({ [`POST ${BASE}/calls`]: problem(404) });

  await calls.callWaiting({ id: "w1", ticket: "A042", name: null, place: null, since: "" });

  expect(words()).toContain("outro posto");
});

test("given a transfer within the panel, when sent, then only the place is named", async () => {
  const { calls, posted } = aDesk({
    [`POST ${BASE}/calls/c1/transfer`]: { body: aCall({ status: "transferred" }) },
  });

  await calls.transfer(aCall({}), { panel: "recepcao", place: " Triagem " });
  await calls.transfer(aCall({}), { panel: "exames", place: "" });

  expect(posted().map(({ body }) => body)).toEqual([{ place: "Triagem" }, { panel: "exames" }]);
});
