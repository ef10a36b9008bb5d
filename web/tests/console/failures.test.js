import { expect, test } from "vitest";

import { ApiError } from "../../shared/api.js";
import { failureWords, fieldName } from "../../console/failures.js";
import { noAnswer, problem } from "./fakes.js";

test.each([
  [noAnswer(), "Sem resposta do servidor"],
  [problem(403), "Esta chave não permite isto"],
  [problem(404), "não existe mais"],
  [problem(409), "a situação mudou"],
  [new ApiError(429, null, 7), "Espere 7 s"],
  [new ApiError(503, null, null), "Espere 5 s"],
  [problem(500), "informe o código req-1"],
  [new ApiError(502, null, null), "Falha no servidor"],
  [new Error("a fault of ours"), "Falha no servidor"],
])("given %s, when it is told, then in Portuguese with what to do", (error, words) => {
  expect(failureWords(error)).toContain(words);
});

test("given invalid fields, when told, then by the names that the forms show, each once", () => {
  const errors = [
    { field: "entries[17].spoken", message: "m" },
    { field: "entries[18].spoken", message: "m" },
    { field: "places[2]", message: "m" },
    { field: "something_new", message: "m" },
  ];

  expect(failureWords(problem(422, { errors }))).toBe("Confira: Como se fala, Locais.");
  expect(fieldName("something_new")).toBe("");
});
