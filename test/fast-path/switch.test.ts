import { ApolloServer } from "@apollo/server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Client } from "../harness/client.ts";
import { startApp } from "../harness/server.ts";
import type { Case } from "./cases.ts";
import { type Pair, startPair } from "./pair.ts";
import { recordedClients } from "./recorded-clients.ts";
import { recordedEdges } from "./recorded-edges.ts";

const cases: readonly Case[] = [...recordedClients, ...recordedEdges];

let pair: Pair;
beforeAll(async () => {
  pair = await startPair({ FAST_PATH: "off" });
});
afterAll(() => pair?.close());

describe("with FAST_PATH=off Graphward answers the same, the first time and the second:", () => {
  test.each(cases.map((it) => [it.name, it] as const))("%s", async (_name, it) => {
    const { caller, request, changesState = false } = it;
    const lasting = changesState ? null : await pair.expectedAnswer(caller, request);
    for (let time = 0; time < 2; time += 1)
      expect((await pair.askGraphward(caller, request)).answer).toEqual(
        lasting ?? (await pair.expectedAnswer(caller, request)),
      );
  });
});

test.each([
  ["off", 3],
  ["on", 1],
])("with FAST_PATH=%s Apollo executes a document %i of 3 times", async (FAST_PATH, expected) => {
  const app = await startApp({ FAST_PATH });
  const calls = vi.spyOn(ApolloServer.prototype, "executeHTTPGraphQLRequest");
  try {
    for (let time = 0; time < 3; time += 1)
      expect((await new Client(app).run("{ public { message } }")).codes).toEqual([]);
    expect(calls).toHaveBeenCalledTimes(expected);
  } finally {
    calls.mockRestore();
    await app.close();
  }
});
