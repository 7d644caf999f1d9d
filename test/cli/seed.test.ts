import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApplicationDirectory, makeApplication } from "../harness/application-directory.ts";

const config = `
import { User } from "graphward/entities";
import { defineEntity, p } from "graphward/orm";
import { defineServer } from "graphward";

const Note = defineEntity({
  name: "Note",
  tableName: "notes",
  properties: { id: p.uuid().primary(), owner: () => p.manyToOne(User), text: p.text() },
});

export default defineServer({
  entities: [Note],
  migrations: new URL("./migrations/", import.meta.url),
  accounts: {
    passwordPolicy: { minLength: 20 },
    afterRegister: async ({ em, userId, username, by }) => {
      em.create(Note, { id: userId, owner: userId, text: username + " by " + by });
    },
  },
  seed: async ({ em, createUser }) => {
    const owner = await createUser({ username: "grace", password: "a quiet tram at dawn, and tea" });
    em.create(Note, { id: "00000000-0000-4000-8000-000000000000", owner, text: "seeded" });
    console.log((await em.find(Note, {}, { orderBy: { text: "asc" } })).map(({ text }) => text).join());
  },
});
`;

let app: ApplicationDirectory;
beforeEach(async () => {
  app = await makeApplication();
  await app.write("graphward.config.ts", config);
  await app.generate();
});
afterEach(() => app.remove());

test("seed fills the database; users of a command follow the application's hooks and its policy", async () => {
  expect(await app.run("seed")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^grace by OPERATOR,seeded\nSeeded\.\n$/),
  });
  const create = ["user", "create", "--username", "ada", "--password-stdin"];
  expect(await app.run("seed")).toMatchObject({ status: 1, stderr: expect.stringContaining("taken") });
  expect(await app.runWith("a quiet tram at dawn, and tea", ...create)).toMatchObject({ status: 0 });
  expect(await app.runWith("a quiet tram", ...create)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("at least 20 characters"),
  });
});

test("an application without a seed says so", async () => {
  await app.write("graphward.config.ts", config.replace(/ {2}seed: .*\n {2}\},\n/s, ""));
  expect(await app.run("seed")).toMatchObject({
    status: 1,
    stderr: "graphward: The application has no seed: add one to defineServer().\n",
  });
});
