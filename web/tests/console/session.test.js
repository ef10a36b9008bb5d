// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";

import { createSession } from "../../console/session.js";
import { createStationChoice } from "../../console/station.js";

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  location.hash = "";
});

/** @param {number} status */
const answering = (status) =>
  vi.fn(
    async () => new Response("{}", { status, headers: { "Content-Type": "application/json" } }),
  );

test("given a key in the address, when the page opens, then it is used and no longer there", () => {
  location.hash = "#token=from-the-link";

  const session = createSession();

  expect(session.token.value).toBe("from-the-link");
  expect(location.hash).toBe("");
  expect(localStorage).toHaveLength(0);
});

test("given a good key, when entering without being remembered, then only this tab knows it", async () => {
  const session = createSession({ send: answering(200) });

  await session.enter("good", false);

  expect(session.token.value).toBe("good");
  expect(localStorage).toHaveLength(0);
  expect(createSession().token.value).toBe("good");
});

test("given a good key, when entering to be remembered, then a new tab knows it, until one leaves", async () => {
  const session = createSession({ send: answering(200) });
  await session.enter("good", true);
  sessionStorage.clear();

  const other = createSession();
  expect(other.token.value).toBe("good");
  other.leave();

  expect(createSession().token.value).toBeNull();
});

test("given a wrong key, when entering, then it is said and not kept", async () => {
  const session = createSession({ send: answering(401) });

  await session.enter("wrong", true);

  expect(session.token.value).toBeNull();
  expect(session.problem.value).toContain("não reconhecida");
  expect(localStorage).toHaveLength(0);
});

test("given a station was chosen, when the page opens again, then it is remembered", () => {
  createStationChoice().choose({ panel: "recepcao", place: "Triagem" });

  expect(createStationChoice().station.value).toEqual({ panel: "recepcao", place: "Triagem" });
});

test("given something else in the storage, when the page opens, then the station is asked for", () => {
  localStorage.setItem("ctv.console.station", "{");

  expect(createStationChoice().station.value).toBeNull();
});
