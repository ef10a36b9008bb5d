import { describe, expect, it } from "vitest";

import { who } from "../../panel/views/who.js";
import { announcement } from "../../panel/words.js";
import { SETTINGS, call } from "./world.js";

const full = call(1, { ticket: "A042", name: "Maria da Silva", place: "Consultório 3" });

describe("the system voice's words", () => {
  it.each([
    ["name", "Atenção, Maria da Silva, Consultório 3"],
    ["ticket", "Atenção, A042, Consultório 3"],
    ["name_and_ticket", "Atenção, A042, Maria da Silva, Consultório 3"],
  ])("Given a whole call, when the settings say %s, then it is: %s", (say, words) => {
    expect(announcement(full, { ...SETTINGS, say: /** @type {any} */ (say) })).toBe(words);
  });

  it("Given a part that is missing, when the settings ask for it, then the other one stands in", () => {
    const nameless = { ...full, name: null };

    expect(announcement(nameless, { ...SETTINGS, say: "name" })).toBe(
      "Atenção, A042, Consultório 3",
    );
    expect(
      announcement({ ...full, ticket: null, place: null }, { ...SETTINGS, say: "ticket" }),
    ).toBe("Atenção, Maria da Silva");
  });

  it("Given a template, when a name holds what looks like a place in it, then it is said as it stands", () => {
    const settings = { ...SETTINGS, template: "{nome}, dirija-se: {local}" };

    expect(announcement({ ...full, name: "$& {local}" }, settings)).toBe(
      "$& {local}, dirija-se: Consultório 3",
    );
  });

  it("Given free words, when they are announced, then nothing is added", () => {
    expect(announcement(call(1, { text: "Bom dia." }), SETTINGS)).toBe("Bom dia.");
  });
});

describe("whom the screen names", () => {
  it.each([
    ["name", "Maria da Silva", null],
    ["short_name", "Maria da Silva", null],
    ["ticket", "A042", null],
    ["name_and_ticket", "Maria da Silva", "A042"],
  ])(
    "Given a whole call, when the settings show %s, then it is %s and %s",
    (show, main, ticket) => {
      expect(who(full, /** @type {any} */ (show))).toEqual({ main, ticket });
    },
  );

  it("Given only a ticket, when the settings show both, then it is the large line", () => {
    expect(who({ ...full, name: null }, "name_and_ticket")).toEqual({ main: "A042", ticket: null });
  });
});
