import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Case } from "./cases.ts";
import { changes, detours, refusals } from "./differences.ts";
import { generated } from "./generated.ts";
import { type Pair, startPair } from "./pair.ts";
import { recordedClients } from "./recorded-clients.ts";
import { recordedEdges } from "./recorded-edges.ts";
import { type Repeated, repeated, tellings } from "./repeats.ts";

const cases: readonly Case[] = [...recordedClients, ...recordedEdges, ...generated];
/** Apollo answers the first, the fast path the second, and those of the tests below. */
const times = 2;

let pair: Pair;
let closed: Pair;
beforeAll(async () => {
  pair = await startPair();
  closed = await startPair({ INTROSPECTION: "off" });
});
afterAll(async () => {
  await pair?.close();
  await closed?.close();
});

const done: Repeated[] = [];

describe("Graphward answers like Apollo Server with the permitted differences, each time it is asked:", () => {
  test.each(cases.map((it) => [it.name, it] as const))("%s", async (_name, it) => {
    const { caller, request, changesState = false } = it;
    const exchanges = [];
    for (let time = 0; time < times; time += 1) exchanges.push(await pair.askGraphward(caller, request));
    const ours = repeated(it, exchanges);
    done.push(ours);

    const lasting = changesState ? null : await pair.expectedAnswer(caller, request);
    const expected = [];
    for (let time = 0; time < times; time += 1)
      expected.push(lasting ?? (await pair.expectedAnswer(caller, request)));
    expect(ours.answers).toEqual(expected);
    // Two answers with one id would be one answer, kept.
    expect(new Set(ours.requestIds).size).toBe(times);
  });
});

describe("and the same", () => {
  const lasting = () => done.filter(({ it }) => !it.changesState);
  const expectSameAnswer = async ({ it, answers }: Repeated) => {
    const { answer } = await pair.askGraphward(it.caller, it.request);
    expect({ name: it.name, answer }).toEqual({ name: it.name, answer: answers[0] });
  };

  test("after all the others, in another order", async () => {
    for (const one of lasting().reverse()) await expectSameAnswer(one);
  });

  test("while others are answered", async () => {
    const width = 20;
    const rows = lasting();
    const height = Math.ceil(rows.length / width);
    // From all over the list: neighbours are alike.
    for (let row = 0; row < height; row += 1)
      await Promise.all(rows.filter((_, index) => index % height === row).map(expectSameAnswer));
  });

  test("in the log, whatever time it is", async () => {
    await pair.close();
    const told = tellings(pair.log);
    for (const { it, requestIds } of done) {
      const [first, ...others] = requestIds.map((id) => [it.name, told.get(id)]);
      expect(first?.[1]).toBeDefined();
      for (const other of others) expect(other).toEqual(first);
    }
  });
});

test("with introspection off Graphward refuses what Apollo refuses, in the same words", async () => {
  const introspective = cases.filter(({ name }) =>
    /^(?:introspection|GraphiQL|typeByName|smallest)/.test(name),
  );
  expect(introspective.length).toBeGreaterThan(10);
  for (const { caller, request } of introspective) {
    const expected = await closed.expectedAnswer(caller, request);
    for (let time = 0; time < times; time += 1)
      expect((await closed.askGraphward(caller, request)).answer).toEqual(expected);
  }
});

describe("a permitted difference is still one:", () => {
  test.each([...detours, ...refusals, ...changes].map((it) => [it.name, it] as const))("%s", (_name, it) => {
    expect(pair.seen.has(it) || closed.seen.has(it)).toBe(true);
  });
});
