import fc from "fast-check";
import { expect, test } from "vitest";

import {
  currentCall,
  grouped,
  NOTHING_YET,
  ofToday,
  withCall,
  withFeed,
} from "../../console/calls/history.js";
import { aCall } from "./fakes.js";

/** @import { Call, Feed, PanelEvent } from "../../shared/types.js" */

/** @type {ReadonlySet<string>} */
const NONE = new Set();

/** @param {PanelEvent[]} events @param {number} seq @param {boolean} more @returns {Feed} */
function feedOf(events, seq, more) {
  return { seq, now: "2026-01-01T00:00:00.000Z", settings: "1", events, more };
}

/** A panel's life: calls made, and each perhaps ended later. */
const lives = fc
  .array(fc.record({ ends: fc.boolean(), after: fc.nat(4) }), { minLength: 1, maxLength: 30 })
  .map((plans) => {
    /** @type {PanelEvent[]} */
    const events = [];
    /** @type {{ at: number, call: Call }[]} */
    const ending = [];
    plans.forEach(({ ends, after }, index) => {
      const call = aCall({ id: `c${index}`, seq: events.length + 1, ticket: `A${index}` });
      events.push({ seq: events.length + 1, type: "call", at: call.called_at, call });
      if (ends) ending.push({ at: index + after, call: { ...call, status: "attended" } });
      for (const due of ending.filter(({ at }) => at === index)) {
        events.push({ seq: events.length + 1, type: "attended", at: "", call: due.call });
      }
    });
    return events;
  });

test("given any feed, when read in pages of any size, even twice, then the history is the same", () => {
  fc.assert(
    fc.property(lives, fc.integer({ min: 1, max: 10 }), (events, size) => {
      const whole = withFeed(NOTHING_YET, feedOf(events, events.length, false));
      let paged = NOTHING_YET;
      for (let from = 0; from < events.length; from += size) {
        const page = events.slice(from, from + size);
        const feed = feedOf(page, events.length, from + size < events.length);
        paged = withFeed(withFeed(paged, feed), feed);
      }
      expect(paged).toEqual(whole);
      expect(paged.seq).toBe(events.length);
    }),
  );
});

test("given an ended call, when an older event of it is read, then it stays ended", () => {
  const ended = aCall({ status: "attended" });

  expect(withCall([ended], aCall({ status: "calling" }))).toEqual([ended]);
});

test("given a call and two recalls, when grouped, then it is one patient called three times", () => {
  const calls = [
    aCall({ id: "a", seq: 1 }),
    aCall({ id: "other", seq: 2 }),
    aCall({ id: "b", seq: 3, recall_of: "a" }),
    aCall({ id: "c", seq: 4, recall_of: "b", status: "attended" }),
  ];

  expect(grouped(calls).map(({ call, times }) => [call.id, times])).toEqual([
    ["c", 3],
    ["other", 1],
  ]);
});

test("given a recall that was undone, when grouped, then the first call counts", () => {
  const calls = [
    aCall({ id: "a", seq: 1, status: "no_show" }),
    aCall({ id: "b", seq: 2, recall_of: "a", status: "cancelled" }),
  ];

  expect(grouped(calls)).toEqual([{ call: calls[0], times: 1 }]);
});

test("given two desks, when each looks for its call, then it sees its own place's", () => {
  const calls = [
    aCall({ id: "here", seq: 1, place: "Consultório 1" }),
    aCall({ id: "there", seq: 2, place: "Consultório 2" }),
  ];

  expect(currentCall(calls, "Consultório 1", NONE)?.id).toBe("here");
  expect(currentCall(calls, "Consultório 2", NONE)?.id).toBe("there");
  expect(currentCall(calls, null, NONE)?.id).toBe("there");
  expect(currentCall(calls, "Consultório 1", new Set(["there"]))?.id).toBe("there");
});

test("given an undone call, when looking for the current one, then it is the one before", () => {
  const calls = [
    aCall({ id: "before", seq: 1 }),
    aCall({ id: "slip", seq: 2, status: "cancelled" }),
  ];

  expect(currentCall(calls, null, NONE)?.id).toBe("before");
});

test("given a finished call or an announcement, when looking for the current one, then none", () => {
  expect(currentCall([aCall({ status: "attended" })], null, NONE)).toBeNull();
  expect(currentCall([aCall({ text: "A farmácia fecha." })], null, NONE)).toBeNull();
});

test("given yesterday's calls, when listing today's, then they are left out", () => {
  const now = new Date(2026, 4, 20, 10);
  const old = aCall({ called_at: new Date(2026, 4, 19, 23, 59).toISOString() });
  const fresh = aCall({ called_at: new Date(2026, 4, 20, 0, 1).toISOString() });

  expect(ofToday([old, fresh], now)).toEqual([fresh]);
});
