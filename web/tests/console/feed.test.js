import { expect, onTestFinished, test } from "vitest";

import { createFeed } from "../../console/calls/feed.js";
import { aCall, fakeApi, settled } from "./fakes.js";

const CALLS = "/v1/panels/recepcao/calls";
const WAITING = "/v1/panels/recepcao/waiting";

/** @param {number[]} seqs @param {number} seq @param {boolean} more */
function page(seqs, seq, more) {
  const events = seqs.map((one) => ({
    seq: one,
    type: "call",
    at: "",
    call: aCall({ id: `c${one}`, seq: one }),
  }));
  return {
    body: { seq, now: new Date().toISOString(), settings: "1", events, more },
    etag: `"${seq}"`,
  };
}

/** @param {Record<string, any>} routes */
function aFeed(routes) {
  const { api, sent } = fakeApi(routes);
  const feed = createFeed({ api, panel: "recepcao", onError: () => {} });
  onTestFinished(feed.stop);
  return { feed, sent };
}

test("given a long day, when the desk opens, then the day is read back, page by page", async () => {
  const { feed } = aFeed({
    [`GET ${CALLS}`]: page([4, 5], 5, false),
    [`GET ${CALLS}?after=0`]: page([1, 2], 2, true),
    [`GET ${CALLS}?after=2`]: page([3, 4, 5], 5, false),
    [`GET ${WAITING}`]: { body: { waiting: [] } },
  });

  feed.start();
  await settled();

  expect(feed.history.value.calls.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  expect(feed.history.value.seq).toBe(5);
});

test("given nothing new, when asked again, then with the ETag, and a 304 changes nothing", async () => {
  const { feed, sent } = aFeed({
    [`GET ${CALLS}`]: page([1], 1, false),
    [`GET ${CALLS}?after=0`]: page([1], 1, false),
    [`GET ${CALLS}?after=1`]: [page([], 1, false), { status: 304 }],
    [`GET ${WAITING}`]: { body: { waiting: [] } },
  });
  feed.start();
  await settled();

  feed.refresh();
  await settled();
  const before = feed.history.value;
  feed.refresh();
  await settled();

  const asked = sent.filter(({ path }) => path === `${CALLS}?after=1`);
  expect(asked.map(({ headers }) => headers["If-None-Match"])).toEqual([undefined, '"1"']);
  expect(feed.history.value).toBe(before);
});

test("given another desk calls somebody, when the event comes, then the list is read again", async () => {
  const { feed } = aFeed({
    [`GET ${CALLS}`]: page([], 0, false),
    [`GET ${CALLS}?after=0`]: [page([], 0, false), page([1], 1, false)],
    [`GET ${WAITING}`]: [{ body: { waiting: [{ id: "w1" }] } }, { body: { waiting: [] } }],
  });
  feed.start();
  await settled();
  expect(feed.waiting.value).toHaveLength(1);

  feed.refresh();
  await settled();

  expect(feed.history.value.calls).toHaveLength(1);
  expect(feed.waiting.value).toEqual([]);
});
