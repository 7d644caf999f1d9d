import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphward, type Result } from "../harness/process.ts";
import { type App, startApp } from "../harness/server.ts";
import { createScript, withToken } from "../harness/sign-in/access-token.ts";
import { PrivateDocument, PublicDocument } from "../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const run = (args: readonly string[], input = ""): Promise<Result> => graphward(args, { on: app, input });

const eventsOf = (userId: string) =>
  app.database
    .selectFrom("audit_events")
    .selectAll()
    .where("user_id", "=", userId)
    .where("type", "like", "ACCESS_TOKEN%")
    .orderBy("id")
    .execute();

const expectFailure = (result: Result, message: string): void => {
  expect([result.status, result.stdout]).toEqual([1, ""]);
  expect(result.stderr).toContain(message);
  expect(result.stderr).not.toMatch(/\bat .*:\d+:\d+/);
};

describe("token create", () => {
  const create = (username: string, ...more: string[]) =>
    run(["token", "create", "--user", username, "--name", "backup", "--scope", "profile:read", ...more]);

  test("prints the token and nothing else, which works at once, and is recorded", async () => {
    const user = await app.createUser();
    const made = await create(user.username.toUpperCase(), "--scope", "sessions:read", "--days", "7");
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.stdout).toMatch(/^gwa_[0-9A-Za-z]{49}\n$/);
    expect((await withToken(app, made.stdout.trim()).run(PrivateDocument)).codes).toEqual([]);
    expect(await eventsOf(user.id)).toMatchObject([
      {
        type: "ACCESS_TOKEN_CREATED",
        actor_id: null,
        details: { via: "cli", scopes: ["profile:read", "sessions:read"] },
        personal: { name: "backup" },
      },
    ]);
  });

  test("with --json prints what is kept of it too", async () => {
    const user = await app.createUser();
    const { token, accessToken } = JSON.parse((await create(user.username, "--json")).stdout);
    expect(accessToken).toMatchObject({ name: "backup", scopes: ["profile:read"], lastUsedAt: null });
    expect(accessToken.hint).toBe(`gwa_…${token.slice(-4)}`);
    expect(Date.parse(accessToken.expiresAt) - Date.now()).toBeGreaterThan(89 * 86_400_000);
  });

  test("tells every broken rule at once, and makes nothing", async () => {
    const user = await app.createUser();
    const wrong = await run(["token", "create", "--user", user.username, "--name", " ", "--days", "366"]);
    for (const message of ["must have a name", "Give at least one scope: audit-trail:read", "1 to 365 days"])
      expectFailure(wrong, message);
    expectFailure(await create("nobody-here"), "no such user");
    expectFailure(await create(user.username, "--days", "x"), "whole number of days");
    expectFailure(
      await create(user.username, "--scope", "audit:read"),
      "Unknown scope. The scopes are: audit-trail:read",
    );
    expect((await run(["token", "list", "--user", user.username])).stdout).toBe(
      `${user.username} has no access tokens.\n`,
    );
  });
});

test("token list shows an account's tokens, newest first, without the tokens", async () => {
  const user = await app.createUser();
  const first = await createScript(app, user, ["profile:read"], "first");
  const second = await createScript(app, user, ["sessions:read", "profile:read"], "second");
  const list = await run(["token", "list", "--user", user.username]);
  expect(
    list.stdout
      .split("\n")
      .map((line) => line.split(/ {2,}/))
      .slice(0, 2),
  ).toEqual(
    [second, first].map(({ id, token }) => [
      id,
      `gwa_…${token.slice(-4)}`,
      expect.stringMatching(/^until /),
      "never used",
      token === first.token ? "profile:read" : "profile:read sessions:read",
      token === first.token ? "first" : "second",
    ]),
  );
  const json = await run(["token", "list", "--user", user.username, "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject([{ id: second.id }, { id: first.id, name: "first" }]);
  expect(list.stdout + json.stdout).not.toContain(first.token.slice(4, 40));
});

test("token revoke ends one token on the running server, and is recorded", async () => {
  const user = await app.createUser();
  const [one, other] = [
    await createScript(app, user, ["profile:read"], "one"),
    await createScript(app, user, ["profile:read"], "other"),
  ];
  await one.client.run(PrivateDocument);
  expect(await run(["token", "revoke", one.id])).toMatchObject({
    status: 0,
    stdout: "The access token was revoked.\n",
  });
  await expect.poll(async () => (await one.client.run(PublicDocument)).status).toBe(401);
  expect((await other.client.run(PrivateDocument)).codes).toEqual([]);
  expect((await eventsOf(user.id)).at(-1)).toMatchObject({
    type: "ACCESS_TOKEN_REVOKED",
    actor_id: null,
    details: { via: "cli", accessTokenId: one.id },
    personal: { name: "one" },
  });
  expect(JSON.parse((await run(["token", "revoke", other.id, "--json"])).stdout)).toEqual({
    id: other.id,
    userId: user.id,
  });
  for (const id of [one.id, "nonsense"])
    expectFailure(await run(["token", "revoke", id]), "no such access token");
});

test("user password ends the account's access tokens too: a thief may have made one", async () => {
  const user = await app.createUser();
  const { client } = await createScript(app, user, ["profile:read"]);
  await client.run(PrivateDocument);
  await run(["user", "password", "--username", user.username, "--password-stdin"], "quite another password");
  await expect.poll(async () => (await client.run(PublicDocument)).status).toBe(401);
  expect((await eventsOf(user.id)).at(-1)).toMatchObject({
    type: "ACCESS_TOKEN_REVOKED",
    details: { via: "cli", reason: "PASSWORD_CHANGED" },
  });
});
