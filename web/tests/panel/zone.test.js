import { describe, expect, it } from "vitest";

import { dateText, dayOf, isQuiet, timeText } from "../../panel/zone.js";

const FORTALEZA = "America/Fortaleza";
const at = (/** @type {string} */ utc) => Date.parse(`2026-03-03T${utc}:00Z`);

describe("the room's time", () => {
  it("Given a UTC time, when it is told, then the room's own time and day are", () => {
    expect(timeText(at("17:32"), FORTALEZA)).toBe("14:32");
    expect(timeText(at("03:05"), FORTALEZA)).toBe("00:05");
    expect(dateText(at("17:32"), FORTALEZA)).toBe("terça-feira, 3 de março");
    expect(dayOf(at("02:59"), FORTALEZA)).toBe("2026-03-02");
    expect(dayOf(at("03:00"), FORTALEZA)).toBe("2026-03-03");
  });

  it.each([
    ["00:59", false], // 21:59 in Fortaleza
    ["01:00", true],
    ["03:30", true],
    ["08:59", true],
    ["09:00", false],
  ])("Given quiet hours over midnight, when it is %s UTC, then it is quiet: %s", (utc, quiet) => {
    expect(isQuiet({ from: "22:00", to: "06:00" }, at(utc), FORTALEZA)).toBe(quiet);
  });

  it("Given no quiet hours, or some of no length, when asked, then it is never quiet", () => {
    expect(isQuiet(null, at("12:00"), FORTALEZA)).toBe(false);
    expect(isQuiet({ from: "09:00", to: "09:00" }, at("12:00"), FORTALEZA)).toBe(false);
  });

  it("Given quiet hours within a day, when asked, then their first minute belongs to them and their last does not", () => {
    const siesta = { from: "12:00", to: "14:00" };

    expect(isQuiet(siesta, at("14:59"), FORTALEZA)).toBe(false);
    expect(isQuiet(siesta, at("15:00"), FORTALEZA)).toBe(true);
    expect(isQuiet(siesta, at("16:59"), FORTALEZA)).toBe(true);
    expect(isQuiet(siesta, at("17:00"), FORTALEZA)).toBe(false);
  });
});
