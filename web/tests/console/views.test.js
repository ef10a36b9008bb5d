// @vitest-environment happy-dom
import axe from "axe-core";
import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { html } from "../../shared/html.js";
import { App } from "../../console/app.js";
import { createAppearance } from "../../console/appearance.js";
import { Button } from "../../console/parts/button.js";
import { createRoute, FRAGMENTS, SCREENS } from "../../console/route.js";
import { createSession } from "../../console/session.js";
import { createStationChoice } from "../../console/station.js";
import { NEW_SETTINGS } from "../../shared/settings.js";
import { aCall, settled } from "./fakes.js";

const NOW = new Date().toISOString();
const SETTINGS = { ...NEW_SETTINGS, title: "Recepção", places: ["Triagem"] };
const DEVICE = {
  id: "d1",
  label: "TV da entrada",
  paired_at: NOW,
  last_seen_at: NOW,
  sound: "on",
  voice: true,
  version: "1",
};
const CALL = aCall({ called_at: NOW, place: "Triagem" });
/** @type {Record<string, unknown>} */
const ANSWERS = {
  "/v1/panels": {
    panels: [{ panel: "recepcao", settings: SETTINGS, waiting: 1, devices: [DEVICE] }],
  },
  "/v1/panels/recepcao/calls": {
    seq: 1,
    now: NOW,
    settings: "1",
    events: [{ seq: 1, type: "call", at: NOW, call: CALL }],
    more: false,
  },
  "/v1/panels/recepcao/waiting": {
    waiting: [{ id: "w1", ticket: "A043", name: "João", place: null, since: NOW }],
  },
  "/v1/panels/recepcao/audit": {
    entries: [{ at: NOW, action: "called", call: "c1", ticket: "A042", operator: "Recepção" }],
    before: null,
  },
  "/v1/lexicon": { entries: [{ written: "Wesley", spoken: "uésli", scope: "name" }] },
};

/** @type {HTMLElement} */
let root;
/** @type {string[]} */
let posted;

beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
  document.documentElement.lang = "pt-BR";
  posted = [];
  vi.stubGlobal("fetch", async (/** @type {string} */ path, /** @type {RequestInit} */ init) => {
    if (init.method === "POST") posted.push(path);
    const known = ANSWERS[String(path).split("?")[0] ?? ""];
    const body = init.method === "POST" ? { ...CALL, id: "c2", seq: 2 } : known;
    return new Response(JSON.stringify(body ?? {}), {
      status: body ? 200 : 404,
      headers: { "Content-Type": "application/json" },
    });
  });
});

afterEach(async () => {
  render(null, root);
  await settled();
  root.remove();
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
});

/** @param {{ token?: string, station?: boolean, fragment?: string }} state */
async function open({ token, station = true, fragment = "" }) {
  if (token) sessionStorage.setItem("ctv.console.token", token);
  if (station) createStationChoice().choose({ panel: "recepcao", place: "Triagem" });
  location.hash = fragment;
  const parts = {
    session: createSession(),
    choice: createStationChoice(),
    screen: createRoute(),
    appearance: createAppearance(),
  };
  if (!station) parts.choice.clear();
  render(html`<${App} ...${parts} />`, root);
  await settled();
  await settled();
}

/** @param {string} name */
function button(name) {
  const buttons = Array.from(root.querySelectorAll("button"));
  return buttons.find((one) => (one.ariaLabel ?? one.textContent)?.trim().startsWith(name));
}

async function violations() {
  // There is no layout here; contrast is looked at in a real browser.
  const rules = { "color-contrast": { enabled: false } };
  const found = await axe.run(root, { rules });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html)}`);
}

test("given no key, when the page opens, then it asks for one, accessibly", async () => {
  await open({ station: false });

  expect(root.querySelector("h1")?.textContent).toBe("Entrar no atendimento");
  expect(await violations()).toEqual([]);
});

test("given a key and no station, when the page opens, then it asks where one works", async () => {
  await open({ token: "good", station: false });

  expect(root.querySelector("h1")?.textContent).toBe("Onde você atende?");
  expect(await violations()).toEqual([]);
});

test.each(SCREENS)("given a desk, when %s is open, then axe finds nothing", async (screen) => {
  await open({ token: "good", fragment: FRAGMENTS[screen] });

  expect(root.querySelector("[aria-current=page]")?.getAttribute("href")).toBe(
    `#${FRAGMENTS[screen]}`,
  );
  expect(root.querySelector("main h1")).not.toBeNull();
  expect(await violations()).toEqual([]);
});

test.each([
  ["F2", "/v1/panels/recepcao/calls/next"],
  ["F4", "/v1/panels/recepcao/calls/c1/recall"],
  ["F9", "/v1/panels/recepcao/calls/c1/attended"],
  ["F10", "/v1/panels/recepcao/calls/c1/no-show"],
])("given the screen Chamar, when %s is pressed in a field, then it is done", async (key, path) => {
  await open({ token: "good", fragment: FRAGMENTS.calls });
  const field = root.querySelector("form input");

  field?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

  expect(posted).toEqual([path]);
});

test("given another screen, when F2 is pressed, then nobody is called", async () => {
  await open({ token: "good", fragment: FRAGMENTS.audit });

  document.dispatchEvent(new KeyboardEvent("keydown", { key: "F2" }));

  expect(posted).toEqual([]);
});

test("given a question mark, when typed in a field, then it is a question mark; else it is help", async () => {
  await open({ token: "good", fragment: FRAGMENTS.calls });
  const press = { key: "?", bubbles: true };

  root.querySelector("form input")?.dispatchEvent(new KeyboardEvent("keydown", press));
  await settled();
  expect(root.querySelector("dialog")).toBeNull();
  document.body.dispatchEvent(new KeyboardEvent("keydown", press));
  await settled();

  expect(root.querySelector("dialog h2")?.textContent).toBe("Atalhos do teclado");
});

test("given the current call, when it is repeated and so another one, then the focus stays", async () => {
  await open({ token: "good", fragment: FRAGMENTS.calls });
  const repeat = button("Repetir");
  repeat?.focus();

  repeat?.click();
  await settled();
  await settled();

  expect(posted).toEqual(["/v1/panels/recepcao/calls/c1/recall"]);
  expect(document.activeElement).toBe(repeat);
});

test("given a double-click, when a button takes it, then it was pressed once", () => {
  const onPress = vi.fn();
  render(html`<${Button} onPress=${onPress}>Chamar próximo<//>`, root);

  for (const detail of [1, 2]) {
    button("Chamar próximo")?.dispatchEvent(new MouseEvent("click", { detail, bubbles: true }));
  }

  expect(onPress).toHaveBeenCalledTimes(1);
});

test("given work under way, when a button is pressed, then nothing happens and focus stays", () => {
  const onPress = vi.fn();
  render(html`<${Button} pending onPress=${onPress}>Chamar próximo<//>`, root);
  const pressed = button("Chamar próximo");

  pressed?.focus();
  pressed?.click();

  expect(onPress).not.toHaveBeenCalled();
  expect(pressed?.getAttribute("aria-busy")).toBe("true");
  expect(document.activeElement).toBe(pressed);
});

test("given a name that looks like markup, when it is shown, then it is text", async () => {
  const waiting = [{ id: "w", ticket: null, name: "<img src=x>", place: null, since: NOW }];
  const kept = ANSWERS["/v1/panels/recepcao/waiting"];
  ANSWERS["/v1/panels/recepcao/waiting"] = { waiting };
  await open({ token: "good", fragment: FRAGMENTS.calls });
  ANSWERS["/v1/panels/recepcao/waiting"] = kept;

  expect(root.querySelector(".people")?.textContent).toContain("<img src=x>");
  expect(root.querySelector("img")).toBeNull();
});
