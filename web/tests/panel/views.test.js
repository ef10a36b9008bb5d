// @vitest-environment happy-dom
import axe from "axe-core";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { expose } from "../../panel/views/attributes.js";
import { PairingView } from "../../panel/views/pairing.js";
import { Pictures } from "../../panel/views/pictures.js";
import { RoomView } from "../../panel/views/room.js";
import { html } from "../../shared/html.js";
import { World } from "./world.js";

/** @type {HTMLElement} */
let root;

beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  render(null, root);
  root.remove();
  vi.useRealTimers();
});

const text = (/** @type {string} */ selector) => root.querySelector(selector)?.textContent?.trim();

/** @param {World} world @param {any} [parts] */
function show(world, parts = {}) {
  const props = { player: world.state, link: "ok", time: world.at, onUnlock: () => {}, ...parts };
  act(() => render(html`<${RoomView} ...${props} />`, root));
}

describe("the room's screen", () => {
  it("Given a call, when it is drawn, then who and where stand in the one status region", () => {
    show(new World().voice().call({ name: "Maria da Silva", place: "Sala 2" }));

    expect(root.querySelectorAll("[role=status]")).toHaveLength(1);
    expect(text("[role=status] .who")).toBe("Maria da Silva");
    expect(text("[role=status] .place")).toBe("Sala 2");
  });

  it("Given a name that looks like markup, when it is drawn, then it is text", () => {
    show(new World().voice().call({ name: "<img src=x onerror=alert(1)>" }));

    expect(text(".who")).toBe("<img src=x onerror=alert(1)>");
    expect(root.querySelector(".who img")).toBeNull();
  });

  it("Given past calls, when nobody is called, then the last one rests on the screen and the others are listed, place first", () => {
    const world = new World().voice();
    world.call({ name: "Ana" }).call({ name: "Bia" }).call({ name: "Caio" }).pass(60_000);
    show(world);

    expect(text(".resting .who")).toBe("Caio");
    expect([...root.querySelectorAll("li")].map((item) => item.firstElementChild?.tagName)).toEqual(
      ["STRONG", "STRONG"],
    );
    expect([...root.querySelectorAll("li span")].map((name) => name.textContent)).toEqual([
      "Bia",
      "Ana",
    ]);
  });

  it("Given settings for 4, when there are more past calls, then 4 are listed", () => {
    const world = new World({ history: 4 }).voice();
    for (let count = 0; count < 9; count += 1) world.call();
    show(world.pass(300_000));

    expect(root.querySelectorAll("li")).toHaveLength(4);
  });

  it("Given blocked sound, when nobody is called, then one button unlocks it and all past calls are listed", () => {
    const onUnlock = vi.fn();
    show(new World().sound("blocked").lease({}).call().pass(60_000), { onUnlock });

    const button = /** @type {HTMLButtonElement} */ (root.querySelector("button"));
    expect(document.activeElement).toBe(button);
    button.click();
    expect(onUnlock).toHaveBeenCalled();
    expect(root.querySelectorAll("li")).toHaveLength(1);
  });

  it("Given blocked sound, when somebody is called, then the call is shown and the notice stays", () => {
    show(new World().sound("blocked").lease({}).call());

    expect(text(".who")).toBe("Paciente 1");
    expect(text("footer")).toBe("Som bloqueado: pressione OK");
  });

  it("Given no answer from the panel, when it is drawn, then it says so", () => {
    show(new World().voice(), { link: "offline" });

    expect(text("footer")).toBe("Sem conexão");
  });

  it("Given any state, when axe looks, then it finds nothing", async () => {
    document.documentElement.lang = "pt-BR";
    document.title = "Recepção";
    for (const world of [
      new World().voice(),
      new World().voice().call(),
      new World().sound("blocked").lease({}).call().pass(60_000),
    ]) {
      show(world);
      const { violations } = await axe.run(document, {
        rules: { "color-contrast": { enabled: false } },
      });
      expect(violations.map(({ id }) => id)).toEqual([]);
    }
  });
});

describe("the page's attributes", () => {
  it("Given a call that is spoken, when the state is exposed, then tests and support can read it", () => {
    const world = new World().voice().call().pass(2_000);

    expose({ screen: "room", player: world.state, link: "ok", time: world.at });

    const { sound, link, voice, call, speaking, screen } = document.documentElement.dataset;
    expect({ sound, link, voice, call, speaking, screen }).toEqual({
      sound: "on",
      link: "ok",
      voice: "true",
      call: "c1",
      speaking: "c1",
      screen: "room",
    });
  });
});

describe("the pairing screen", () => {
  it("Given a code, when it is drawn, then it can be read off, and without one it says why", () => {
    render(html`<${PairingView} code="BCDF-GHJK" />`, root);
    expect(text(".code")).toBe("BCDF-GHJK");
    render(html`<${PairingView} code=${null} />`, root);
    expect(text("[role=status]")).toContain("Sem conexão");
  });
});

describe("pictures", () => {
  /** @param {string[]} paths @param {boolean} paused */
  function draw(paths, paused) {
    act(() => render(html`<${Pictures} paths=${paths} paused=${paused} />`, root));
  }
  const source = () => root.querySelector("img,video")?.getAttribute("src");
  const pass = (/** @type {number} */ ms) => act(() => void vi.advanceTimersByTime(ms));

  it("Given pictures, when 15 s have passed, then the next one shows, and none goes on while somebody is called", () => {
    vi.useFakeTimers();
    draw(["media/a.webp", "media/b.webp"], false);
    expect(source()).toBe("/media/a.webp");
    pass(15_000);
    expect(source()).toBe("/media/b.webp");
    draw(["media/a.webp", "media/b.webp"], true);
    pass(60_000);
    expect(source()).toBe("/media/b.webp");
    expect(root.querySelector(".dimmed")).not.toBeNull();
  });

  it("Given a picture that cannot be loaded, when it fails, then none shows in its place and the next one comes", () => {
    vi.useFakeTimers();
    draw(["media/a.webp", "media/b.webp"], false);
    act(() => void root.querySelector("img")?.dispatchEvent(new Event("error")));
    expect(source()).toBeUndefined();
    pass(15_000);
    expect(source()).toBe("/media/b.webp");
  });

  it("Given a video that cannot be played, when it fails, then the next picture comes all the same", () => {
    vi.useFakeTimers();
    vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
    draw(["media/a.mp4", "media/b.webp"], false);
    act(() => void root.querySelector("video")?.dispatchEvent(new Event("error")));
    pass(15_000);
    expect(source()).toBe("/media/b.webp");
  });

  it("Given a video, when somebody is called, then it stands still, and plays on muted afterwards", () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
    const pause = vi.spyOn(HTMLMediaElement.prototype, "pause").mockReturnValue();
    draw(["media/a.mp4"], false);
    expect(root.querySelector("video")?.muted).toBe(true);
    expect(play).toHaveBeenCalledTimes(1);
    draw(["media/a.mp4"], true);
    expect(pause).toHaveBeenCalledTimes(1);
    draw(["media/a.mp4"], false);
    expect(play).toHaveBeenCalledTimes(2);
  });
});
