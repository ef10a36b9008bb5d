import { expect, test, vi } from "vitest";

import { createListening } from "../../console/listening.js";
import { fakeApi, problem, soon } from "./fakes.js";

const READY = { body: { status: "ready", id: "s1", url: "https://b/s1", quality: "verified" } };
const RENDERING = { status: 202, body: { status: "rendering", id: "s1", retry_after_s: 2 } };

/** @param {Record<string, any>} routes @param {Partial<import("../../console/player.js").Player>} [more] */
function setUp(routes, more = {}) {
  const { api, sent } = fakeApi(routes);
  const player = { unlock: vi.fn(), play: vi.fn(soon), stop: vi.fn(), ...more };
  let ms = 0;
  const wait = async (/** @type {number} */ pause) => void (ms += pause);
  const listening = createListening({ api, player, wait, now: () => ms });
  return { listening, player, sent };
}

test("given words, when listened to, then they are spoken as a call would be, with its voice", async () => {
  const { listening, player, sent } = setUp({ "POST /v1/speech": READY });

  await listening.listen("form", { text: "Bom dia." }, "maria");

  expect(sent[0]?.body).toEqual({
    text: "Bom dia.",
    voice: "maria",
    format: "mp3",
    retention: "personal",
  });
  expect(player.play).toHaveBeenCalledWith("https://b/s1");
  expect(listening.state.value).toMatchObject({ who: "form", phase: null, problem: "" });
});

test("given the host is busy, when listened to, then it is asked for until it is ready", async () => {
  const { listening, player } = setUp({
    "POST /v1/speech": RENDERING,
    "GET /v1/speech/s1": [RENDERING, READY],
  });

  await listening.listen("form", { text: "Bom dia." });

  expect(player.play).toHaveBeenCalledOnce();
});

test("given it never gets ready, when a minute is over, then that is said", async () => {
  const { listening, player } = setUp({
    "POST /v1/speech": RENDERING,
    "GET /v1/speech/s1": RENDERING,
  });

  await listening.listen("form", { text: "Bom dia." });

  expect(player.play).not.toHaveBeenCalled();
  expect(listening.state.value.problem).toContain("ainda não está pronta");
});

test.each([
  ["refused", { "POST /v1/speech": problem(422) }],
  ["failed", { "POST /v1/speech": { body: { status: "failed", id: "s1" } } }],
])("given speech is %s, when listened to, then it says to change the text", async (_, routes) => {
  const { listening } = setUp(routes);

  await listening.listen("form", { text: "…" });

  expect(listening.state.value.problem).toContain("Mude o texto");
});

test("given a clip that cannot be played, when listened to, then it says to check the sound", async () => {
  const play = () => Promise.reject(new TypeError("decode"));
  const { listening } = setUp({ "POST /v1/speech": READY }, { play });

  await listening.listen("form", { text: "Bom dia." });

  expect(listening.state.value.problem).toContain("Confira a rede e o som");
});

test("given it was stopped while it was prepared, when it is ready, then it is not played", async () => {
  const { listening, player } = setUp({ "POST /v1/speech": READY });

  const listened = listening.listen("form", { text: "Bom dia." });
  listening.stop();
  await listened;

  expect(player.play).not.toHaveBeenCalled();
});
