import { publish } from "graphward";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTeam, type Team } from "./team.ts";

declare module "graphward" {
  interface Topics {
    TOLD: { readonly at?: Date; readonly count?: bigint; readonly seen?: readonly Set<string>[] };
    LISTED: { readonly names: readonly string[]; readonly first: { readonly isDone: boolean } | null };
  }
}

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.server.close());

// `npm run check` fails as soon as TypeScript accepts what is expected to be an error.
test("publish takes the topics of the application alone, each with its payload", async () => {
  const { projectId } = team;
  const { em } = team.server;
  await publish(em, "TASK_CHANGED", { id: "1", projectId });
  // @ts-expect-error
  expect(() => publish(em, "TASK CHANGED", { id: "1", projectId })).toThrow("letters, digits");
  // @ts-expect-error
  expect(() => publish(em, "TASK_CHANGED", { id: 1n, projectId })).toThrow("BigInt");
  // @ts-expect-error
  expect(() => publish(em, "TASK_CHANGED", undefined)).toThrow("not JSON");
  // @ts-expect-error
  const withoutProject: Parameters<typeof publish<"TASK_CHANGED">>[2] = { id: "1" };
  expect(withoutProject).toEqual({ id: "1" });
});

test("publish takes no payload that would arrive as something else", async () => {
  const { em } = team.server;
  await publish(em, "LISTED", { names: ["Agnes"], first: null });
  await publish(em, "LISTED", { names: [], first: { isDone: true } });
  // @ts-expect-error
  await publish(em, "TOLD", { at: new Date() });
  // @ts-expect-error
  expect(() => publish(em, "TOLD", { count: 1n })).toThrow("BigInt");
  // @ts-expect-error
  await publish(em, "TOLD", { seen: [new Set(["Agnes"])] });
});
