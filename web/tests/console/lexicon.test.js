import fc from "fast-check";
import { expect, test } from "vitest";

import { createActions, createNotices } from "../../console/actions.js";
import { createListening } from "../../console/listening.js";
import { changesBetween, found, keyOf, withChange } from "../../console/lexicon/entries.js";
import { createLexiconStore } from "../../console/lexicon/store.js";
import { createWrites } from "../../console/writes.js";
import { fakeApi, problem, soon } from "./fakes.js";

/** @import { Entry, Scope } from "../../console/lexicon/entries.js" */

const PATH = "/v1/lexicon";
/** @type {Entry} */
const WESLEY = { written: "Wesley", spoken: "uésli", scope: "name" };
/** @type {Entry} */
const UTI = { written: "UTI", spoken: "u tê i", scope: "acronym" };
/** @type {Entry} */
const ZOE = { written: "Zoé", spoken: "zoé", scope: "name" };

const entries = fc.uniqueArray(
  fc.record({
    written: fc.constantFrom("Wesley", "UTI", "Zoé", "Rêgo"),
    spoken: fc.constantFrom("uésli", "u tê i", "zoé"),
    scope: fc.constantFrom(.../** @type {Scope[]} */ (["any", "name", "place", "acronym"])),
  }),
  { selector: keyOf },
);

/** @param {Record<string, any>} routes */
async function aLexicon(routes) {
  const { api, sent } = fakeApi(routes);
  const notices = createNotices();
  const player = { unlock() {}, play: soon, stop() {} };
  const store = createLexiconStore({
    api,
    write: createWrites(api, { wait: soon }),
    notices,
    actions: createActions({ notices, onSignedOut: () => {} }),
    listening: createListening({ api, player }),
  });
  await store.load();
  const puts = () => sent.filter(({ method }) => method === "PUT");
  return { store, notices, puts };
}

/** @param {string} etag @param {Partial<Entry>[]} of */
const kept = (etag, ...of) => ({ etag, body: { entries: of } });

test("given any two lexicons, when the changes between are made, then one becomes the other", () => {
  fc.assert(
    fc.property(entries, entries, (from, to) => {
      const result = changesBetween(from, to).reduce(withChange, from);
      const sorted = (/** @type {Entry[]} */ list) =>
        [...list].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      expect(sorted(result)).toEqual(sorted(to));
    }),
  );
});

test("given accents and capitals, when searching, then they do not matter", () => {
  expect(found([WESLEY, ZOE], "zoe")).toEqual([ZOE]);
  expect(found([WESLEY, ZOE], "UESLI")).toEqual([WESLEY]);
});

test("given a renamed entry, when changed, then the old one is gone", () => {
  const after = { ...WESLEY, written: "Uesley" };

  expect(withChange([UTI, WESLEY], { before: WESLEY, after })).toEqual([after, UTI]);
});

test("given an entry without scope, when it is read, then it holds everywhere", async () => {
  const { store } = await aLexicon({
    [`GET ${PATH}`]: kept('"1"', { written: "a", spoken: "a" }),
  });

  expect(store.lexicon.value?.entries[0]?.scope).toBe("any");
});

test("given the latest lexicon, when an entry is added, then the whole is put over what was read", async () => {
  const { store, puts, notices } = await aLexicon({
    [`GET ${PATH}`]: [kept('"1"', WESLEY), kept('"2"', WESLEY, UTI)],
    [`PUT ${PATH}`]: { body: { entries: 2, etag: "2" } },
  });

  expect(await store.save({ before: null, after: UTI })).toBe(true);

  expect(puts()[0]?.headers["If-Match"]).toBe('"1"');
  expect(puts()[0]?.body).toEqual({ entries: [UTI, WESLEY] });
  expect(notices.notice.value?.words).toBe("Salvo: UTI.");
});

test("given somebody saved first, when saving, then both changes are shown and mine can be applied", async () => {
  const changed = { ...WESLEY, spoken: "uêsli" };
  const { store, puts } = await aLexicon({
    [`GET ${PATH}`]: [
      kept('"1"', WESLEY),
      kept('"2"', changed, ZOE),
      kept('"3"', changed, ZOE, UTI),
    ],
    [`PUT ${PATH}`]: [problem(412), { body: { entries: 3, etag: "3" } }],
  });
  const mine = { before: null, after: UTI };

  expect(await store.save(mine)).toBe(false);
  expect(store.conflict.value).toEqual({
    mine,
    theirs: [
      { before: WESLEY, after: changed },
      { before: null, after: ZOE },
    ],
    same: false,
  });
  expect(await store.save(mine)).toBe(true);

  expect(puts()[1]?.headers["If-Match"]).toBe('"2"');
  expect(puts()[1]?.body).toEqual({ entries: [UTI, changed, ZOE] });
  expect(store.conflict.value).toBeNull();
});

test("given both changed one word, when saving, then the person is told that it is the same", async () => {
  const { store } = await aLexicon({
    [`GET ${PATH}`]: [kept('"1"', WESLEY), kept('"2"')],
    [`PUT ${PATH}`]: problem(412),
  });

  await store.save({ before: WESLEY, after: { ...WESLEY, spoken: "vésli" } });

  expect(store.conflict.value?.same).toBe(true);
});

test("given a word that exists, when it is added, then it is refused; changing it is not", async () => {
  const { store } = await aLexicon({ [`GET ${PATH}`]: kept('"1"', WESLEY) });

  expect(store.problemOf({ ...WESLEY, written: "WESLEY" }, null)).toContain("Já existe");
  expect(store.problemOf({ ...WESLEY, spoken: "vésli" }, WESLEY)).toBe("");
  expect(store.problemOf({ ...WESLEY, spoken: " " }, WESLEY)).not.toBe("");
});
