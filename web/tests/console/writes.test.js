import { expect, test } from "vitest";

import { createWrites, newKey } from "../../console/writes.js";
import { fakeApi, noAnswer, problem, soon } from "./fakes.js";

const PATH = "/v1/panels/p/calls";

test("given no answer twice, when calling, then the same key is sent until one comes", async () => {
  const { api, sent } = fakeApi({ [`POST ${PATH}`]: [noAnswer(), problem(504), { status: 201 }] });

  const answer = await createWrites(api, { wait: soon })("POST", PATH, { ticket: "A1" });

  expect(answer.status).toBe(201);
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map(({ headers }) => headers["Idempotency-Key"])).size).toBe(1);
});

test("given a refusal, when calling, then it is not sent again", async () => {
  const { api, sent } = fakeApi({ [`POST ${PATH}`]: problem(409) });

  await expect(createWrites(api, { wait: soon })("POST", PATH, {})).rejects.toThrow("409");

  expect(sent).toHaveLength(1);
});

test("given no answer for good, when calling, then it gives up and says so", async () => {
  const { api, sent } = fakeApi({ [`POST ${PATH}`]: noAnswer() });

  await expect(createWrites(api, { wait: soon })("POST", PATH, {})).rejects.toThrow("no answer");

  expect(sent).toHaveLength(5);
});

test("given two writes, when sent, then each has a key of its own, visible and short", async () => {
  const { api, sent } = fakeApi({ [`POST ${PATH}`]: { status: 201 } });
  const write = createWrites(api);

  await Promise.all([write("POST", PATH, {}), write("POST", PATH, {})]);

  const keys = sent.map(({ headers }) => headers["Idempotency-Key"]);
  expect(keys[0]).not.toBe(keys[1]);
  expect(newKey()).toMatch(/^[!-~]{1,64}$/);
});
