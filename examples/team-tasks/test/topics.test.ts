import { publish } from "graphward";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTeam, type Team } from "./team.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.server.close());

test("publish takes the topics of the application alone, each with its payload", async () => {
  const { projectId } = team;
  const { em } = team.server;
  await publish(em, "TASK_CHANGED", { id: "1", projectId });
  // `npm run check` fails as soon as TypeScript accepts one of these.
  // @ts-expect-error
  await expect(publish(em, "TASK CHANGED", { id: "1", projectId })).rejects.toThrow("letters, digits");
  // @ts-expect-error
  await expect(publish(em, "TASK_CHANGED", { id: 1n, projectId })).rejects.toThrow("BigInt");
  // @ts-expect-error
  await expect(publish(em, "TASK_CHANGED", undefined)).rejects.toThrow("not JSON");
  // @ts-expect-error
  const withoutProject: Parameters<typeof publish<"TASK_CHANGED">>[2] = { id: "1" };
  expect(withoutProject).toEqual({ id: "1" });
});
