import fc from "fast-check";
import { expect, test } from "vitest";

import { createActions, createNotices } from "../../console/actions.js";
import { createListening } from "../../console/listening.js";
import {
  formOf,
  sampleSpeech,
  settingsOf,
  settingsProblems,
} from "../../console/panels/settings.js";
import { createSettingsStore } from "../../console/panels/settings-store.js";
import { createPanelsStore } from "../../console/panels/store.js";
import { NEW_SETTINGS } from "../../shared/settings.js";
import { createWrites } from "../../console/writes.js";
import { fakeApi, problem, soon } from "./fakes.js";

const PATH = "/v1/panels/recepcao";
const SETTINGS = { ...NEW_SETTINGS, title: "Recepção" };

const FORM = formOf(SETTINGS);

/** @param {Record<string, any>} routes */
function aDesk(routes) {
  const { api, sent } = fakeApi(routes);
  const notices = createNotices();
  const actions = createActions({ notices, onSignedOut: () => {} });
  const write = createWrites(api, { wait: soon });
  const listening = createListening({ api, player: { unlock() {}, play: soon, stop() {} } });
  const panels = createPanelsStore({ api, write, actions, notices });
  return { api, write, notices, actions, listening, panels, sent };
}

test("given any settings, when shown in the form, then the form gives them back", () => {
  const time = fc.constantFrom("00:00", "07:30", "22:00");
  const line = fc.constantFrom("Consultório 1", "Triagem", "media/a.webp");
  const settings = fc.record({
    template: fc.constantFrom(null, "Atenção, {nome}"),
    voice: fc.constantFrom(null, "maria"),
    quiet_hours: fc.oneof(fc.constant(null), fc.record({ from: time, to: time })),
    places: fc.array(line, { maxLength: 5 }),
    pictures: fc.array(line, { maxLength: 5 }),
  });
  fc.assert(
    fc.property(settings, (some) => {
      expect(settingsOf(formOf({ ...SETTINGS, ...some }))).toEqual({ ...SETTINGS, ...some });
    }),
  );
});

test.each([
  [{ title: " " }, "title"],
  [{ template: "Atenção" }, "template"],
  [{ template: "Atenção, {local}" }, "template"],
  [{ template: "Atenção, {nome}, {lugar}" }, "template"],
  [{ places: Array.from({ length: 21 }, (_, index) => `Sala ${index}`).join("\n") }, "places"],
  [{ places: "Triagem\ntriagem" }, "places"],
  [{ pictures: "../secret.png" }, "pictures"],
  [{ pictures: "media/a.svg" }, "pictures"],
  [{ quiet: true, quietFrom: "" }, "quiet"],
])("given %j, when checked, then %s is wrong and nothing else", (change, field) => {
  expect(Object.keys(settingsProblems({ ...FORM, ...change }))).toEqual([field]);
});

test("given good settings, when checked, then nothing is wrong", () => {
  const good = { template: "{senha}, {local}", places: "Sala 1", pictures: "media/sala/a-1.webp" };

  expect(settingsProblems({ ...FORM, ...good })).toEqual({});
});

test("given a template or none, when heard before, then it is what a call would say", () => {
  expect(sampleSpeech({ ...FORM, template: "{nome}, {local}" }).said).toEqual({
    text: "Maria da Silva Santos, Consultório 3",
  });
  expect(sampleSpeech({ ...FORM, say: "ticket", places: "Triagem" }).said).toEqual({
    call: { ticket: "A042", place: "Triagem" },
  });
});

test("given somebody saved first, when saving, then it is said and saving again is on purpose", async () => {
  const desk = aDesk({
    [`GET ${PATH}`]: [
      { body: SETTINGS, etag: '"1"' },
      { body: SETTINGS, etag: '"2"' },
    ],
    [`PUT ${PATH}`]: [problem(412), { body: SETTINGS, etag: '"3"' }],
  });
  const store = createSettingsStore(desk, "recepcao");
  await store.load();
  store.change({ title: "Entrada" });

  await store.save();
  expect(store.stale.value).toBe(true);
  expect(store.form.value?.title).toBe("Entrada");
  await store.save();

  const puts = desk.sent.filter(({ method }) => method === "PUT");
  expect(puts.map(({ headers }) => headers["If-Match"])).toEqual(['"1"', '"2"']);
  expect(puts[1]?.body.title).toBe("Entrada");
  expect(store.stale.value).toBe(false);
});

test("given wrong settings, when saving, then nothing is sent and the field is named", async () => {
  const desk = aDesk({ [`GET ${PATH}`]: { body: SETTINGS, etag: '"1"' } });
  const store = createSettingsStore(desk, "recepcao");
  await store.load();
  store.change({ title: "" });
  expect(store.problems.value).toEqual({});

  await store.save();

  expect(store.problems.value).toHaveProperty("title");
  expect(desk.sent.filter(({ method }) => method === "PUT")).toHaveLength(0);
});

test("given a code as people type it, when pairing, then it is sent as the TV shows it", async () => {
  const desk = aDesk({ [`POST ${PATH}/devices`]: { status: 201 } });

  await desk.panels.pair("recepcao", " bcdf ghjk ", " TV ");

  expect(desk.sent[0]?.body).toEqual({ user_code: "BCDF-GHJK", label: "TV" });
});

test("given an unknown code, when pairing, then it says to look at the TV", async () => {
  const desk = aDesk({ [`POST ${PATH}/devices`]: problem(422) });

  await desk.panels.pair("recepcao", "BCDFGHJK", "TV");

  expect(desk.notices.notice.value?.words).toContain("Código desconhecido");
});

test("given an id that is taken, when a panel is created, then no panel is overwritten", async () => {
  const desk = aDesk({ [`PUT ${PATH}`]: problem(412) });

  await desk.panels.create("recepcao", "Recepção");

  expect(desk.sent[0]?.headers["If-None-Match"]).toBe("*");
  expect(desk.notices.notice.value?.words).toContain("Já existe");
});
