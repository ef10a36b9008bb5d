import { describe, expect, it, vi } from "vitest";

import { restored, snapshot } from "../../panel/player/snapshot.js";
import { speaking } from "../../panel/player/player.js";
import { CHIME_MS, CLIP_MS, MORNING, SYSTEM_MS, World, call, happened } from "./world.js";

describe("a call's turn", () => {
  it("Given the room's voice, when a call comes, then it is shown at once, chimed, spoken and kept in the history", () => {
    const world = new World().voice().call();

    expect(world.screen()).toEqual(["c1"]);
    world.pass(60_000);
    expect(world.heard()).toEqual(["chime c1", "play c1"]);
    expect(world.history()).toEqual(["c1"]);
    expect(world.state.spoken).toBe(1);
  });

  it("Given three repeats, when a call comes, then it is chimed once and spoken three times", () => {
    const world = new World({ repeats: 3 }).voice().call().pass(60_000);

    expect(world.heard()).toEqual(["chime c1", "play c1", "play c1", "play c1"]);
  });

  it("Given no chime, when a call comes, then its speech is all that is heard", () => {
    const world = new World({ chime: "none" }).voice();

    world.call().pass(60_000);

    expect(world.heard()).toEqual(["play c1"]);
  });

  it("Given a short clip, when it was spoken, then the name stays for 5 s in all", () => {
    const world = new World({ chime: "none", repeats: 1 }).voice().call().pass(60_000);

    expect(world.shownFor("c1")).toBe(5_000);
  });

  it("Given a call on the screen, when others come, then each has its turn after it, in order and whole", () => {
    const world = new World({ repeats: 2 }).voice().call().pass(2_000).call().call().pass(120_000);

    expect(world.screen()).toEqual(["c1", "c2", "c3"]);
    expect(world.heard("play")).toEqual([
      "play c1",
      "play c1",
      "play c2",
      "play c2",
      "play c3",
      "play c3",
    ]);
  });

  it("Given a call, when the feed tells of it again, then it has one turn", () => {
    const again = happened("call", call(1));
    const world = new World()
      .voice()
      .feed([again])
      .feed([again])
      .pass(60_000)
      .feed([again])
      .pass(60_000);

    expect(world.screen()).toEqual(["c1"]);
  });

  it("Given a spoken call, when it is called again, then it is spoken again and stands once in the history", () => {
    const world = new World().voice().call().pass(60_000);

    world.call({ recall_of: "c1" }).pass(60_000);

    expect(world.heard("play")).toEqual(["play c1", "play c2"]);
    expect(world.history()).toEqual(["c2"]);
  });

  it("Given that speech is to be heard, when the page asks who is spoken of, then it is told, and before and after nobody", () => {
    const world = new World().voice().call();
    expect(speaking(world.state)).toBe("");
    world.pass(CHIME_MS + 500);
    expect(speaking(world.state)).toBe("c1");
    world.pass(CLIP_MS);
    expect(speaking(world.state)).toBe("");
  });
});

describe("the feed's events", () => {
  it("Given a cancelled call, when the feed tells of the call again, then it does not come back", () => {
    const first = happened("call", call(1));
    const world = new World().voice().feed([first]).cancel("c1").pass(60_000);

    world.feed([first]).pass(60_000);

    expect(world.screen()).toEqual(["c1"]);
    expect(world.history()).toEqual([]);
  });

  it("Given a call, when it comes under another number, then it has one turn", () => {
    const world = new World().voice().call().pass(60_000);

    world.feed([{ ...happened("call", call(2, { id: "c1" })) }]).pass(60_000);

    expect(world.screen()).toEqual(["c1"]);
  });

  it("Given more events than fit in an answer, when some are taken in, then the next question starts after them", () => {
    const world = new World().voice();
    const events = [happened("call", call(1)), happened("call", call(2))];

    world.send({ type: "feed", at: 0, now: world.at, seq: 150, more: true, events });

    expect(world.state.cursor).toBe(2);
  });

  it("Given a panel without calls of today, when its feed is empty, then the next question starts at its end", () => {
    const world = new World();

    world.send({ type: "feed", at: 0, now: world.at, seq: 150, more: false, events: [] });

    expect(world.state.cursor).toBe(150);
  });
});

describe("cancelling", () => {
  it("Given a call that waits, when it is cancelled, then it is never shown", () => {
    const world = new World().voice().call().call().cancel("c2").pass(120_000);

    expect(world.screen()).toEqual(["c1"]);
    expect(world.history()).toEqual(["c1"]);
  });

  it("Given a sentence under way, when its call is cancelled, then it ends, is not repeated, and the call goes", () => {
    const world = new World({ repeats: 2 })
      .voice()
      .call()
      .pass(CHIME_MS + 500);

    world.cancel("c1").pass(60_000);

    expect(world.heard()).toEqual(["chime c1", "play c1"]);
    expect(world.shownFor("c1")).toBe(20 + CHIME_MS + 20 + CLIP_MS);
    expect(world.history()).toEqual([]);
  });

  it("Given a call that is only shown, when it is cancelled, then it goes at once", () => {
    const world = new World().lease({}).call().pass(1_000).cancel("c1");

    expect(world.shownFor("c1")).toBe(1_000);
  });

  it("Given a chime under way, when its call is cancelled, then nothing is spoken", () => {
    const world = new World().voice().call().pass(500).cancel("c1").pass(60_000);

    expect(world.heard()).toEqual(["chime c1"]);
  });

  it("Given a call of the history, when its cancelling arrives late, then it goes from there", () => {
    const world = new World().voice().call().pass(60_000).cancel("c1");

    expect(world.history()).toEqual([]);
  });

  it("Given events about an earlier call, when they are not its cancelling, then nothing changes", () => {
    const world = new World().voice().call().pass(60_000);

    world.feed([{ ...happened("attended", call(1, { status: "attended" })), seq: 2 }]).pass(60_000);

    expect(world.screen()).toEqual(["c1"]);
    expect(world.history()).toEqual(["c1"]);
  });
});

describe("old calls", () => {
  it("Given a call made over 2 minutes ago, when it arrives, then it is in the history and nothing is heard", () => {
    const world = new World().voice();

    world.feed([
      happened("call", call(1, { called_at: new Date(MORNING - 120_001).toISOString() })),
    ]);

    expect(world.pass(60_000).heard()).toEqual([]);
    expect(world.history()).toEqual(["c1"]);
  });

  it("Given a TV whose clock is an hour ahead, when a fresh call arrives, then it is spoken", () => {
    const called_at = new Date(MORNING - 3_600_000).toISOString();
    const world = new World().voice().feed([happened("call", call(1, { called_at }))], -3_600_000);

    expect(world.pass(60_000).heard("play")).toEqual(["play c1"]);
  });

  it("Given a TV whose clock is an hour behind, when an old call arrives, then it is history", () => {
    const called_at = new Date(MORNING + 3_600_000 - 121_000).toISOString();
    const world = new World().voice().feed([happened("call", call(1, { called_at }))], 3_600_000);

    expect(world.pass(60_000).screen()).toEqual([]);
    expect(world.history()).toEqual(["c1"]);
  });

  it("Given a call on the screen, when a late one arrives, then the history stands in the order of the calls", () => {
    const world = new World().voice().call();
    world.feed([
      happened("call", call(2, { called_at: new Date(MORNING - 130_000).toISOString() })),
    ]);

    expect(world.pass(60_000).history()).toEqual(["c2", "c1"]);
  });

  it("Given a long queue, when a call's turn comes after more than 2 minutes, then it is spoken all the same", () => {
    const world = new World({ repeats: 3 }).voice();
    for (let count = 0; count < 15; count += 1) world.call();

    expect(world.pass(600_000).heard("play")).toHaveLength(45);
  });

  it("Given yesterday's calls, when midnight has passed, then no name is kept", () => {
    const world = new World()
      .voice()
      .call()
      .pass(15 * 3_600_000);

    world.send({ type: "tick", at: 0 });

    expect(world.history()).toEqual([]);
  });

  it("Given more calls than anybody reads, when they are history, then a bounded number is kept", () => {
    const world = new World().voice();
    for (let count = 0; count < 40; count += 1) world.call().pass(20_000);

    expect(world.history()).toHaveLength(12);
    expect(world.history()[0]).toBe("c40");
  });
});

describe("where speech comes from", () => {
  it("Given a call that waits, when it arrives, then its clip is fetched before its turn", () => {
    const world = new World().voice().call().call().pass(1_000);

    expect(world.heard("fetch")).toEqual(["fetch c1", "fetch c2"]);
    expect(world.screen()).toEqual(["c1"]);
  });

  it("Given a clip, when its call was spoken, then it is forgotten, and not while another device may still need this one", () => {
    const spoken = new World().voice().call().pass(60_000);
    const owed = new World().sound("on").lease({ alone: false }).call().pass(60_000);

    expect(spoken.heard("forget")).toEqual(["forget c1"]);
    expect(owed.heard("forget")).toEqual([]);
  });

  it("Given a kept clip that does not play, when its turn comes, then a fresh one is fetched and played", () => {
    const world = new World().voice();
    world.means.play = "fails";
    world.call().pass(CHIME_MS + 100);
    world.means.play = "works";

    expect(world.pass(60_000).heard("fetch", "play")).toEqual([
      "fetch c1",
      "play c1",
      "fetch c1",
      "play c1",
    ]);
  });

  it.each(/** @type {const} */ (["fails", "hangs"]))(
    "Given that fetching %s, when a call's turn comes, then it is tried twice more and the system's voice speaks",
    (means) => {
      const world = new World({ repeats: 2 }).voice();
      world.means.fetch = means;

      world.call().pass(90_000);

      expect(world.heard("fetch")).toHaveLength(3);
      expect(world.heard()).toEqual(["chime c1", "say c1", "say c1"]);
      const [first, second] = world.log.filter(({ what }) => what === "say").map(({ at }) => at);
      expect((second ?? 0) - (first ?? 0)).toBe(20 + SYSTEM_MS + 1_200);
      expect(world.state.spoken).toBe(1);
    },
  );

  it("Given that fetching hangs, when 18 s have passed since the chime, then the system's voice speaks", () => {
    const world = new World().voice();
    world.means.fetch = "hangs";
    world.call().pass(20 + CHIME_MS + 18_000 - 1);

    expect(world.heard("say")).toEqual([]);
    expect(world.pass(1).heard("say")).toEqual(["say c1"]);
  });

  it.each(/** @type {const} */ (["fails", "hangs"]))(
    "Given no clip and a system's voice that %s, when a call comes, then the chime sounds once more in its place",
    (means) => {
      const world = new World().voice();
      world.means = { fetch: "fails", chime: "works", play: "works", say: means };

      world.call().call().pass(120_000);

      expect(world.heard("chime")).toEqual(["chime c1", "chime c1", "chime c2", "chime c2"]);
      expect(world.history()).toEqual(["c2", "c1"]);
    },
  );

  it("Given a system's voice that fails at the repeat, when the call was spoken once, then no chime follows", () => {
    const world = new World({ repeats: 2 }).voice();
    world.means.fetch = "fails";
    world.call().pass(6_000);
    world.means.say = "fails";

    expect(world.pass(60_000).heard()).toEqual(["chime c1", "say c1", "say c1"]);
  });

  it("Given that nothing sounds or answers at all, when calls come, then each is shown and the next one follows", () => {
    const world = new World().voice();
    world.means = { fetch: "hangs", chime: "hangs", play: "hangs", say: "hangs" };

    world.call().call().pass(120_000);

    expect(world.history()).toEqual(["c2", "c1"]);
  });

  it("Given a sound that was given up, when its end comes after all, then it does not end the next sound", () => {
    const world = new World().voice();
    world.means.chime = "hangs";
    world.call().pass(4_500);
    const stale = world.state.sounds - 1;

    world.send({ type: "ended", at: 0, sound: stale });

    expect(world.state.current?.phase).toBe("playing");
  });
});

describe("the voice", () => {
  it("Given another device is the voice, when a call comes, then it is shown for as long as it would be spoken", () => {
    const world = new World({ repeats: 3 }).sound("on").lease({ alone: false }).call().pass(60_000);

    expect(world.heard()).toEqual([]);
    expect(world.shownFor("c1")).toBe(1_800 + 3 * CLIP_MS + 2 * 1_200 + 1_500);
  });

  it("Given silently shown calls, when this device becomes the voice, then it goes on after what the room has heard", () => {
    const world = new World().sound("on").lease({ alone: false });
    world.call().call().call().pass(20_000);

    world.lease({ voice: true, alone: false, spoken: 1 }).pass(120_000);

    expect(world.heard("play")).toEqual(["play c2", "play c3"]);
    expect(world.screen()).toEqual(["c1", "c2", "c3", "c2", "c3"]);
  });

  it("Given a call that the room has heard, when it reaches this device, then it is history", () => {
    const world = new World().sound("on").lease({ voice: true, spoken: 5 });

    world.feed([happened("call", call(5))]).pass(60_000);

    expect(world.screen()).toEqual([]);
    expect(world.history()).toEqual(["c5"]);
  });

  it("Given calls that wait here, when the room has heard them from another device, then they are shown and not spoken again", () => {
    const world = new World().sound("on").lease({ alone: false }).call().call().call();

    world.lease({ voice: true, alone: false, spoken: 3 }).pass(120_000);

    expect(world.screen()).toEqual(["c1", "c2", "c3"]);
    expect(world.heard()).toEqual([]);
  });

  it("Given a call that was spoken here, when its last word is over, then the server is told at once", () => {
    const world = new World().voice().call();
    const perform = vi.spyOn(world, "perform");
    const reports = () => perform.mock.calls.filter(([{ type }]) => type === "report").length;

    world.pass(CHIME_MS + CLIP_MS);
    expect(reports()).toBe(0);
    world.pass(100);
    expect(reports()).toBe(1);
  });

  it("Given a call shown silently over 2 minutes ago, when this device becomes the voice, then it is not spoken", () => {
    const world = new World().sound("on").lease({ alone: false }).call().pass(121_000);

    world.lease({ voice: true }).pass(60_000);

    expect(world.heard()).toEqual([]);
  });

  it("Given a lease that is not renewed, when another device lives, then this one ends its call and speaks no other", () => {
    const world = new World({ repeats: 3 }).sound("on").lease({ voice: true, alone: false });
    world.pass(10_000).call().call().pass(120_000);

    expect(world.heard("play")).toEqual(["play c1", "play c1", "play c1"]);
    expect(world.screen()).toEqual(["c1", "c2"]);
  });

  it("Given a lease that is not renewed, when this device is alone, then it goes on speaking", () => {
    const world = new World().voice().pass(60_000).call().pass(60_000);

    expect(world.heard("play")).toEqual(["play c1"]);
  });

  it("Given a TV that has just started, when the first heartbeat tells what the room has heard, then only the rest is spoken", () => {
    const world = new World().sound("on");
    world.feed([happened("call", call(1)), happened("call", call(2))]);
    expect(world.screen()).toEqual([]);

    world.lease({ voice: true, spoken: 1 }).pass(60_000);

    expect(world.screen()).toEqual(["c2"]);
    expect(world.history()).toEqual(["c2", "c1"]);
  });

  it("Given a TV that has just started, when no heartbeat is answered, then calls are shown after 4 s", () => {
    const world = new World().sound("on").call().pass(3_999);
    expect(world.screen()).toEqual([]);

    expect(world.pass(1).screen()).toEqual(["c1"]);
  });
});

describe("blocked sound", () => {
  it("Given blocked sound, when a call comes, then it is shown, and spoken once the sound is unlocked", () => {
    const world = new World().sound("blocked").lease({ voice: true }).call().pass(30_000);
    expect(world.screen()).toEqual(["c1"]);

    world.sound("on").pass(60_000);

    expect(world.heard()).toEqual(["chime c1", "play c1"]);
  });

  it("Given blocked sound, when it is unlocked after 2 minutes, then the call is history", () => {
    const world = new World()
      .sound("blocked")
      .lease({ voice: true })
      .call()
      .pass(121_000)
      .sound("on")
      .pass(60_000);

    expect(world.heard()).toEqual([]);
  });

  it("Given a call being spoken, when the sound is blocked, then it stays to be read and is spoken after unlocking", () => {
    const world = new World()
      .voice()
      .call()
      .pass(CHIME_MS + 500)
      .sound("blocked")
      .pass(10_000);
    expect(world.history()).toEqual(["c1"]);

    world.sound("on").pass(60_000);

    expect(world.heard("play")).toEqual(["play c1", "play c1"]);
  });

  it("Given a call on the screen, when sound is unlocked, then the call is spoken from the start", () => {
    const world = new World()
      .sound("blocked")
      .lease({ voice: true })
      .call()
      .pass(2_000)
      .sound("on");

    expect(world.heard()).toEqual(["chime c1"]);
  });

  it("Given any change of the sound, when it happens, then the server is told at once", () => {
    const world = new World();
    /** @type {string[]} */
    const told = [];
    world.perform = ({ type }) => void told.push(type);

    world.sound("on");

    expect(told).toEqual(["report"]);
  });
});

describe("quiet hours", () => {
  const quiet = { quiet_hours: { from: "08:00", to: "10:00" } };

  it("Given quiet hours, when a call comes, then it is shown, nothing is fetched and nothing is heard", () => {
    const world = new World(quiet).voice().call().pass(60_000);

    expect(world.screen()).toEqual(["c1"]);
    expect(world.heard("fetch", "chime", "play", "say")).toEqual([]);
  });

  it("Given a call of the quiet hours, when they end, then it is not spoken", () => {
    const world = new World(quiet).voice().pass(3_590_000).call().pass(60_000);

    world.lease({ voice: true }).pass(60_000);

    expect(world.heard()).toEqual([]);
  });
});

describe("after a reload", () => {
  /** @param {World} world @param {number} [away] ms */
  function reload(world, away = 1_000) {
    const saved = JSON.parse(JSON.stringify(snapshot(world.state, world.at)));
    const later = new World({}, restored(saved, world.at + away));
    later.at = world.at + away;
    return later;
  }

  it("Given a queue, when the page is loaded again without a network, then it speaks what was not yet spoken", () => {
    const world = new World().voice().call().call().call().pass(9_000);

    const later = reload(world).sound("on").pass(120_000);

    expect(later.heard("play")).toEqual(["play c2", "play c3"]);
    expect(later.history()).toEqual(["c3", "c2", "c1"]);
  });

  it("Given a call whose last word was spoken, when the page is loaded again, then it is history", () => {
    const world = new World()
      .voice()
      .call()
      .pass(CHIME_MS + CLIP_MS + 500);

    const later = reload(world).sound("on").pass(60_000);

    expect(later.heard()).toEqual([]);
    expect(later.screen()).toEqual([]);
    expect(later.history()).toEqual(["c1"]);
  });

  it("Given a cancelled call whose sentence is under way, when the page is loaded again, then it does not come back", () => {
    const world = new World()
      .voice()
      .call()
      .pass(CHIME_MS + 500)
      .cancel("c1");

    const later = reload(world).sound("on").pass(60_000);

    expect(later.screen()).toEqual([]);
    expect(later.history()).toEqual([]);
  });

  it("Given a queue, when the page comes back after 3 minutes, then the queue is history", () => {
    const later = reload(new World().voice().call().call(), 180_000).sound("on").pass(60_000);

    expect(later.heard()).toEqual([]);
    expect(later.history()).toEqual(["c2", "c1"]);
  });

  it("Given other devices, when the page is loaded again, then it waits to learn who speaks", () => {
    const world = new World().sound("on").lease({ voice: true, alone: false }).call();

    const later = reload(world).sound("on").pass(60_000);

    expect(later.screen()).toEqual(["c1"]);
    expect(later.heard()).toEqual([]);
  });

  it("Given a panel that was made anew, when it counts from one again, then its calls are not taken for old ones", () => {
    const world = new World().voice();
    world.feed([happened("call", call(50))]).pass(60_000);
    world.seq = 0;

    world.feed([]);

    expect(world.state.cursor).toBeNull();
    world.lease({ voice: true });
    world.feed([happened("call", call(1, { called_at: new Date(world.at).toISOString() }))]);
    expect(world.pass(60_000).heard("play")).toEqual(["play c50", "play c1"]);
  });
});
