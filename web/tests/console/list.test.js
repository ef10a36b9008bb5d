import { expect, test, vi } from "vitest";

import { createActions, createNotices } from "../../console/actions.js";
import { createFeed } from "../../console/calls/feed.js";
import { fileProblem, toUtf8 } from "../../console/list/file.js";
import { reasonWords, rowProblems } from "../../console/list/report.js";
import { createListStore } from "../../console/list/store.js";
import { createWrites } from "../../console/writes.js";
import { fakeApi, noAnswer, problem, soon } from "./fakes.js";

const BASE = "/v1/panels/recepcao/uploads";
const STARTED = {
  status: 201,
  body: { id: "u1", url: "https://b/u1", method: "PUT", headers: {} },
};
/** @type {import("../../console/list/report.js").Progress} */
const PROGRESS = {
  status: "rendering",
  total: 3,
  accepted: 2,
  rejected: 1,
  rendered: 1,
  cached: 0,
  failed: 0,
};

/** @param {string} text @param {string} name */
function aFile(text, name = "lista.csv") {
  const bytes = new TextEncoder().encode(text);
  return { name, size: bytes.length, arrayBuffer: async () => bytes.buffer };
}

/** @param {Record<string, any>} routes @param {any} send */
function aList(routes, send = vi.fn(soon)) {
  const { api } = fakeApi(routes);
  const notices = createNotices();
  const list = createListStore({
    panel: "recepcao",
    api,
    write: createWrites(api, { wait: soon }),
    actions: createActions({ notices, onSignedOut: () => {} }),
    feed: createFeed({ api, panel: "recepcao", onError: () => {} }),
    send,
    wait: soon,
  });
  return { list, send };
}

test("given a file, when it is sent, then it is followed until its report", async () => {
  const done = { ...PROGRESS, status: "done", rendered: 2 };
  const { list, send } = aList({
    [`POST ${BASE}`]: STARTED,
    [`GET ${BASE}/u1`]: [problem(404), { body: PROGRESS }, noAnswer(), { body: done }],
  });

  await list.start(aFile("ticket\nA1\n"));

  expect(send).toHaveBeenCalledOnce();
  expect(list.upload.value).toMatchObject({ phase: "done", progress: done, problem: "" });
});

test("given the bucket does not answer, when sending, then it says so and can be tried again", async () => {
  const { list } = aList({ [`POST ${BASE}`]: STARTED }, () => Promise.reject(noAnswer()));

  await list.start(aFile("ticket\nA1\n"));

  expect(list.upload.value.phase).toBe("failed");
  expect(list.upload.value.problem).toContain("Confira a rede");
});

test.each([
  ["lista.xlsx", 10, "wrongSuffix"],
  ["lista.csv", 0, "empty"],
  ["lista.csv", 6 * 1024 * 1024, "tooLarge"],
  ["LISTA.CSV", 10, null],
])("given %s of %i bytes, when it is chosen, then %s", (name, size, expected) => {
  expect(fileProblem({ name, size })).toBe(expected);
});

test("given a spreadsheet's Windows-1252, when it is sent, then it is UTF-8", () => {
  const latin = new Uint8Array([0x4a, 0x6f, 0xe3, 0x6f]).buffer;

  const { bytes, converted } = toUtf8(latin);

  expect(converted).toBe(true);
  expect(new TextDecoder().decode(bytes)).toBe("João");
});

test("given UTF-8, when it is sent, then not a byte changes", () => {
  const original = new TextEncoder().encode("\ufeffticket;name\r\nA1;João\r\n");

  const { bytes, converted } = toUtf8(original.buffer);

  expect(converted).toBe(false);
  expect(Array.from(bytes)).toEqual(Array.from(original));
});

test("given a report, when it is read, then rows are in order, in Portuguese", () => {
  const rows = rowProblems({
    ...PROGRESS,
    rejected_rows: [
      { line: 17, field: "name", reason: "must have 1 to 200 characters, has 312" },
      { line: 3, field: "row", reason: "has 4 cells, the header has 3" },
    ],
    failed_rows: [{ line: 9, reason: "refused" }],
  });

  expect(rows.map(({ line }) => line)).toEqual([3, 9, 17]);
  expect(rows[2]).toEqual({
    line: 17,
    field: "Nome",
    reason: "Texto longo demais (1 a 200 caracteres).",
  });
});

test("given a reason that is new, when it is told, then it is not hidden", () => {
  expect(reasonWords("something else")).toContain("something else");
});
