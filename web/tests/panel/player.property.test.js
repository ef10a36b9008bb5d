import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { World } from "./world.js";

/** @import { Means } from "./world.js" */

/** @typedef {(world: World) => unknown} Action */

/** @type {fc.Arbitrary<Means>} */
const means = fc.constantFrom("works", "works", "fails", "hangs");
const time = fc
  .integer({ min: 0, max: 20_000 })
  .map((ms) => (/** @type {World} */ w) => w.pass(ms));
const calls = fc.constant((/** @type {World} */ w) => w.call());
const recalls = fc
  .nat(5)
  .map(
    (back) => (/** @type {World} */ w) => w.call({ recall_of: `c${Math.max(1, w.seq - back)}` }),
  );
const cancels = fc.nat(3).map((back) => (/** @type {World} */ w) => w.cancel(`c${w.seq - back}`));
const repeats = fc.constant((/** @type {World} */ w) => w.feed([...told(w)]));
const faults = fc
  .record({ fetch: means, chime: means, play: means, say: means })
  .map((next) => (/** @type {World} */ w) => (w.means = next));
const leases = fc
  .record({ voice: fc.boolean(), alone: fc.boolean() })
  .map((lease) => (/** @type {World} */ w) => w.lease({ ...lease, spoken: w.state.spoken }));
const sounds = fc
  .constantFrom(/** @type {const} */ ("on"), /** @type {const} */ ("blocked"))
  .map((sound) => (/** @type {World} */ w) => w.sound(sound));

/** What the feed has told already, to be told again. @param {World} world */
function told(world) {
  const { queue, history, current } = world.state;
  return [...queue, ...history, ...(current ? [current.entry] : [])].map((entry) => ({
    seq: entry.call.seq,
    type: /** @type {const} */ ("call"),
    at: entry.call.called_at,
    call: entry.call,
  }));
}

/** @param {Action[]} actions */
function live(actions) {
  const world = new World({ repeats: 2 }).voice();
  /** @type {string[]} */
  const made = [];
  const cancelled = new Set();
  world.feed = ((feed) => (events, ahead) => {
    for (const { type, call } of events) {
      if (type === "cancelled") cancelled.add(call.id);
      else if (!made.includes(call.id)) made.push(call.id);
    }
    return feed.call(world, events, ahead);
  })(world.feed);
  for (const action of actions) action(world);
  world.pass(3_600_000);
  return { world, made, cancelled };
}

/** @param {string} id */
const number = (id) => Number(id.slice(1));

/** @param {string[]} ids */
const inOrder = (ids) => [...ids].sort((a, b) => number(a) - number(b));

/** @param {string[]} ids */
const once = (ids) => [...new Set(ids)];

describe("whatever happens", () => {
  it("Given any order of calls, cancellings, repeats of the feed and faults, when all is over, then every call was shown, once, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(time, calls, calls, recalls, cancels, repeats, faults), {
          maxLength: 40,
        }),
        (actions) => {
          const { world, made, cancelled } = live(actions);
          const shown = world.screen();
          expect(shown).toEqual(once(inOrder(shown)));
          expect(made.filter((id) => !cancelled.has(id) && !shown.includes(id))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("Given also a voice and a sound that come and go, when all is over, then no call is missed on the screen or spoken out of order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(time, calls, calls, cancels, faults, leases, sounds), { maxLength: 40 }),
        (actions) => {
          const { world, made, cancelled } = live(actions);
          const shown = world.screen();
          expect(made.filter((id) => !cancelled.has(id) && !shown.includes(id))).toEqual([]);
          const spoken = world.log
            .filter(({ what }) => ["play", "say"].includes(what))
            .map(({ id }) => id);
          expect(spoken).toEqual(inOrder(spoken));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("Given sounds that work, when anything happens, then no sound begins before the one before it is over", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(time, calls, calls, recalls, cancels, leases), { maxLength: 40 }),
        (actions) => {
          const { world } = live(actions);
          const sounding = world.log.filter(({ what }) => ["chime", "play", "say"].includes(what));
          const lengths = { chime: 1_520, play: 3_020, say: 4_020 };
          sounding.reduce((free, { at, what }) => {
            expect(at).toBeGreaterThanOrEqual(free);
            return at + lengths[/** @type {keyof typeof lengths} */ (what)];
          }, 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("Given any hour of work, when it is over, then nothing is left under way and what is kept is bounded", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(time, calls, faults, leases, sounds), { maxLength: 60 }),
        (actions) => {
          const { world } = live(actions);
          expect(world.state.queue).toEqual([]);
          expect(world.state.current).toBeNull();
          expect(world.state.history.length).toBeLessThanOrEqual(12);
        },
      ),
      { numRuns: 100 },
    );
  });
});
