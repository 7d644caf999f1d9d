import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashPassword } from "../../src/auth/passwords/hash.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { minutes } from "../../src/time.ts";
import { createDatabase } from "../harness/database/database.ts";
import { mutations, password } from "../harness/mutations.ts";
import { killMutations, withProviderOnly } from "./killed-mutations.ts";

const rounds = 50;

test("every mutation of the schema has facts to check", async () => {
  expect([...Object.keys(mutations(await hashPassword(password))), ...withProviderOnly].sort()).toEqual(
    Object.keys(buildGuardedSchema().schema.getMutationType()?.getFields() ?? {}).sort(),
  );
});

test(
  "kill -9 in the middle of every mutation: what was acknowledged is there, and nothing is half done",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "graphward-kill-"));
    const copy = await createDatabase();
    const { tallies, broken } = await killMutations({ databaseUrl: copy.url, dataDir: directory, rounds });
    const lines = [...tallies].map(
      ([name, it]) =>
        `${name.padEnd(22)} ${it.acknowledged} acknowledged, ${it.doneInSilence} done in silence, ${it.notDone} not done`,
    );
    process.stdout.write(`${rounds} rounds of kill -9:\n${lines.join("\n")}\n`);
    await copy.drop();
    await rm(directory, { recursive: true });
    expect(broken).toEqual([]);
    const sum = (key: "acknowledged" | "notDone") =>
      [...tallies.values()].reduce((all, it) => all + it[key], 0);
    // Neither before all of them, nor after: the kills came in the middle.
    expect(Math.min(sum("acknowledged"), sum("notDone"))).toBeGreaterThan(rounds);
  },
  minutes(10),
);
