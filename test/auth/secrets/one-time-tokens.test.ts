import { afterAll, beforeAll, expect, test } from "vitest";
import {
  consumeOneTimeToken,
  deriveOneTimeKeys,
  endOneTimeTokensOf,
  findOneTimeToken,
  findSendableToken,
  issueOneTimeToken,
  type NewOneTimeToken,
  type OneTimeKeys,
  oneTimeTokenLifetimes,
  type Purpose,
  pruneOneTimeTokens,
} from "../../../src/auth/secrets/one-time-tokens.ts";
import { randomSecret } from "../../../src/auth/secrets/secret.ts";
import { hours, minutes } from "../../../src/time.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp, type User } from "../../harness/server.ts";

let app: App;
let user: User;
const keys = deriveOneTimeKeys(["the session secret of today"]);
beforeAll(async () => {
  app = await startApp();
  user = await app.createUser();
});
afterAll(() => app.close());

const issue = (token: Partial<NewOneTimeToken> = {}, by: OneTimeKeys = keys) =>
  issueOneTimeToken(app.database, by, {
    purpose: "reset-password",
    userId: user.id,
    sentTo: "grace@example.com",
    ...token,
  });
const issueSecret = async (token: Partial<NewOneTimeToken> = {}) => secretOf(await issue(token));
const secretOf = async (id: string, by: OneTimeKeys = keys) =>
  (await findSendableToken(app.database, by, id))?.secret ?? "gone";
const consume = (secret: string, purpose: Purpose = "reset-password") =>
  consumeOneTimeToken(app.database, purpose, secret);
const expire = (id: string) =>
  app.database
    .updateTable("one_time_tokens")
    .set({ expires_at: new Date(Date.now() - 1) })
    .where("id", "=", id)
    .execute();

const grace = () => expect.objectContaining({ userId: user.id, sentTo: "grace@example.com" });

test("a link works once, for its purpose only, and looking at it does not use it up", async () => {
  const secret = await issueSecret();
  expect(secret).toMatch(/^[0-9A-Za-z]{43}$/);
  expect(await consume(secret, "verify-address")).toBeNull();
  expect(await findOneTimeToken(app.database, "verify-address", secret)).toBeNull();
  expect(await findOneTimeToken(app.database, "reset-password", secret)).toEqual(grace());
  expect(await consume(secret)).toEqual(grace());
  expect(await consume(secret)).toBeNull();
  expect(await findOneTimeToken(app.database, "reset-password", secret)).toBeNull();
});

test("of many who use a link at the same moment one gets it", async () => {
  const secret = await issueSecret();
  const answers = await Promise.all(Array.from({ length: 20 }, () => consume(secret)));
  expect(answers.filter((answer) => answer !== null)).toEqual([grace()]);
});

test("a use that is rolled back has not happened", async () => {
  const secret = await issueSecret();
  const lost = app.database.transaction().execute(async (transaction) => {
    await consumeOneTimeToken(transaction, "reset-password", secret);
    throw new Error("rolled back");
  });
  await expect(lost).rejects.toThrow("rolled back");
  expect(await consume(secret)).toEqual(grace());
});

test.each(["", "made up", "A".repeat(42), "A".repeat(44), `${"A".repeat(42)}\0`, "é".repeat(43)])(
  "%j opens nothing",
  async (secret) => {
    expect(await consume(secret)).toBeNull();
    expect(await findOneTimeToken(app.database, "reset-password", secret)).toBeNull();
  },
);

test("neither the id nor what is stored opens anything", async () => {
  const id = await issue();
  const stored = await app.database
    .selectFrom("one_time_tokens")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const secret = await secretOf(id);
  expect(JSON.stringify(stored)).not.toContain(secret);
  for (const guess of [id, stored.digest.toString("hex"), stored.digest.toString("base64"), randomSecret()])
    expect(await consume(guess)).toBeNull();
});

test("an expired link opens nothing, has no secret any more, and is pruned with the sessions", async () => {
  await app.database.deleteFrom("one_time_tokens").execute();
  const [expired, alive] = [await issue(), await issue()];
  const secret = await secretOf(expired);
  await expire(expired);
  expect(await consume(secret)).toBeNull();
  expect(await findOneTimeToken(app.database, "reset-password", secret)).toBeNull();
  expect(await secretOf(expired)).toBe("gone");
  const environment = { DATABASE_URL: app.config.databaseUrl ?? "" };
  expect(await graphward(["prune"], { environment })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("Expired links deleted: 1."),
  });
  expect(await pruneOneTimeTokens(app.database)).toBe(0);
  expect(await consume(await secretOf(alive))).toEqual(grace());
});

test("links live as long as their purpose says, by the database's clock", async () => {
  expect(oneTimeTokenLifetimes).toEqual({
    "verify-address": hours(24),
    "reset-password": minutes(30),
    "change-address": hours(24),
    "undo-address-change": hours(72),
    invitation: hours(72),
  });
  const id = await issue({ purpose: "verify-address" });
  const row = await app.database
    .selectFrom("one_time_tokens")
    .select(["created_at", "expires_at"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  expect(row.expires_at.getTime() - row.created_at.getTime()).toBe(hours(24));
});

test("a new link leaves the earlier ones valid, unless it is to replace those of its purpose and account", async () => {
  const other = await app.createUser();
  const [first, second] = [await issueSecret(), await issueSecret()];
  const verifying = await issueSecret({ purpose: "verify-address" });
  const foreign = await issueSecret({ userId: other.id });
  expect(await findOneTimeToken(app.database, "reset-password", first)).not.toBeNull();
  const third = await issueSecret({ replaces: true });
  expect(await consume(first)).toBeNull();
  expect(await consume(second)).toBeNull();
  expect(await consume(verifying, "verify-address")).not.toBeNull();
  expect(await consume(foreign)).not.toBeNull();
  expect(await consume(third)).toEqual(grace());
});

test("links of an account end by purpose, all together, or with the account", async () => {
  const owner = await app.createUser();
  const make = (purpose: Purpose) => issueSecret({ userId: owner.id, purpose });
  const [reset, verify, undo] = [
    await make("reset-password"),
    await make("verify-address"),
    await make("undo-address-change"),
  ];
  expect(await endOneTimeTokensOf(app.database, owner.id, ["reset-password", "verify-address"])).toBe(2);
  expect(await consume(reset)).toBeNull();
  expect(await consume(verify, "verify-address")).toBeNull();
  expect(await endOneTimeTokensOf(app.database, owner.id)).toBe(1);
  expect(await consume(undo, "undo-address-change")).toBeNull();
  const last = await make("invitation");
  await app.database.deleteFrom("users").where("id", "=", owner.id).execute();
  expect(await consume(last, "invitation")).toBeNull();
});

test("a replaced session secret still makes the links it began, and an unknown one is told, not guessed", async () => {
  const id = await issue();
  const secret = await secretOf(id);
  expect(await secretOf(id, deriveOneTimeKeys(["of tomorrow", "the session secret of today"]))).toBe(secret);
  await expect(secretOf(id, deriveOneTimeKeys(["of tomorrow"]))).rejects.toThrow("SESSION_SECRET");
  expect(await consume(secret)).toEqual(grace());
});
