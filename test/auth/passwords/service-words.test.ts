import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp } from "../../harness/server.ts";
import { RegisterDocument } from "../../operations/generated/graphql.ts";

const named = {
  PUBLIC_URL: "https://accounts.riverbank.example",
  MAIL_FROM: "Otter Post <no-reply@heronmail.example>",
};

let app: App;
beforeAll(async () => {
  app = await startApp(named);
});
afterAll(() => app.close());

const register = async (server: App, password: string) => {
  const username = `person-${randomUUID().slice(0, 8)}`;
  const input = { username, email: `${username}@mail.example.net`, password };
  const { errors } = await new Client(server).run(RegisterDocument, { input });
  return errors.flatMap(({ extensions }) =>
    (extensions.fields as { rule: string }[]).map(({ rule }) => rule),
  );
};

describe("a password made of a word of the service's own is refused:", () => {
  test.each([
    ["the host in PUBLIC_URL", "RiverBank-2026!"],
    ["the name in MAIL_FROM", "otter.post.2026"],
    ["the domain in MAIL_FROM", "2026heronmail!!"],
    ["several of them", "accounts@riverbank"],
    ["the software", "graphward1234"],
  ])("%s", async (_what, password) => {
    expect(await register(app, password)).toEqual(["personal"]);
    const args = ["user", "create", "--username", "somebody", "--email", "s@mail.example.net"];
    const environment = { ...named, DATABASE_URL: app.config.databaseUrl ?? "" };
    const { status, stderr } = await graphward([...args, "--password-stdin"], {
      environment,
      input: password,
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining("the service's name")]);
  });
});

test("a word of the service's with others is a password like any other", async () => {
  expect(await register(app, "an otter on a raft")).toEqual([]);
});

test("digits are no word, where the service has an IP address", async () => {
  const numbered = await startApp({ PUBLIC_URL: "http://192.0.2.127:4000", MAIL_FROM: "a@example.org" });
  expect(await register(numbered, "839127640558")).toEqual([]);
  await numbered.close();
});
