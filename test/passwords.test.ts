import argon2 from "argon2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "./harness/client.ts";
import { type App, startApp } from "./harness/server.ts";
import { LogInDocument, PrivateDocument } from "./operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const storedHash = async (id: string) =>
  (
    await app.database
      .selectFrom("users")
      .select("password_hash")
      .where("id", "=", id)
      .executeTakeFirstOrThrow()
  ).password_hash;
const store = (id: string, password_hash: string) =>
  app.database.updateTable("users").set({ password_hash }).where("id", "=", id).execute();
const codesOfLogin = async (user: { username: string; password: string }) =>
  (await new Client(app).run(LogInDocument, user)).codes;

describe("a password", () => {
  test("is stored as argon2id with 19 MiB, two passes and one lane", async () => {
    const hash = await storedHash((await app.createUser()).id);
    expect(hash).toMatch(/^\$argon2id\$v=19\$/);
    for (const cost of ["m=19456", "t=2", "p=1"]) expect(hash).toContain(cost);
  });

  test("opens the account in either Unicode form, and with no other change", async () => {
    const user = await app.createUser({ password: "caf\u00e9 am Morgen" });
    expect(await codesOfLogin({ ...user, password: "cafe\u0301 am Morgen" })).toEqual([]);
    for (const password of [
      "cafe am Morgen",
      "Caf\u00e9 am Morgen",
      "caf\u00e9 am Morgen ",
      "caf\ufffd am Morgen",
    ])
      expect(await codesOfLogin({ ...user, password })).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("has 12 to 128 characters, counted as people count them, and is never cut", async () => {
    await expect(app.createUser({ password: "x".repeat(11) })).rejects.toThrow("min_length");
    await expect(app.createUser({ password: "x".repeat(129) })).rejects.toThrow("max_length");
    await expect(app.createUser({ password: "\u{1f600}".repeat(11) })).rejects.toThrow("min_length");
    const user = await app.createUser({ password: "\u{1f600}".repeat(128) });
    expect(await codesOfLogin(user)).toEqual([]);
    expect(await codesOfLogin({ ...user, password: "\u{1f600}".repeat(127) })).toEqual([
      "INVALID_CREDENTIALS",
    ]);
  });

  test("with a weaker hash is hashed again at the next login, and a failed login changes nothing", async () => {
    const user = await app.createUser();
    const weak = await argon2.hash(user.password, {
      type: argon2.argon2id,
      memoryCost: 8192,
      timeCost: 1,
      parallelism: 1,
    });
    await store(user.id, weak);
    await codesOfLogin({ ...user, password: "not the right password" });
    expect(await storedHash(user.id)).toBe(weak);
    expect(await codesOfLogin(user)).toEqual([]);
    expect(await storedHash(user.id)).toContain("m=19456");
    expect(await codesOfLogin(user)).toEqual([]);
  });

  test("with a stronger hash is left as it is", async () => {
    const user = await app.createUser();
    const strong = await argon2.hash(user.password, {
      type: argon2.argon2id,
      memoryCost: 32_768,
      timeCost: 3,
      parallelism: 1,
    });
    await store(user.id, strong);
    expect(await codesOfLogin(user)).toEqual([]);
    expect(await storedHash(user.id)).toBe(strong);
  });

  test("with a stored hash that costs more than the ceiling, or is none, is refused and not computed", async () => {
    const user = await app.createUser();
    const good = (await storedHash(user.id)) ?? "";
    const started = performance.now();
    for (const hash of [
      good.replace("m=19456", "m=4194304"),
      good.replace("t=2", "t=100000"),
      "plain text",
      "",
      "$2b$12$abcdefghijklmnopqrstuv",
    ]) {
      await store(user.id, hash);
      expect(await codesOfLogin(user)).toEqual(["INVALID_CREDENTIALS"]);
    }
    // Not a measurement: computing 4 GiB or 100,000 passes would take minutes.
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

test("a flood of logins is answered, with 503 and Retry-After for those that cannot be taken, and private queries go on", async () => {
  const user = await app.createUser();
  const jar = new Client(app);
  await jar.logIn(user);
  const flood = Array.from({ length: 150 }, () =>
    new Client(app).run(LogInDocument, { ...user, password: "not the right password" }),
  );
  expect((await jar.run(PrivateDocument)).codes).toEqual([]);

  const answers = await Promise.all(flood);
  const refused = answers.filter(({ status }) => status === 503);
  expect(
    answers.every(({ codes }) => ["INVALID_CREDENTIALS", "SERVICE_UNAVAILABLE"].includes(codes[0] ?? "")),
  ).toBe(true);
  expect(refused.length).toBeGreaterThan(0);
  expect(
    refused.every(
      ({ headers, codes }) => headers.get("retry-after") === "1" && codes[0] === "SERVICE_UNAVAILABLE",
    ),
  ).toBe(true);
  expect(await codesOfLogin(user)).toEqual([]);
});

describe("usernames and addresses", () => {
  test("are unique in one canonical form, by the database", async () => {
    await app.createUser({ username: "Ren\u00e9", email: "rene@example.com" });
    await expect(app.createUser({ username: "RENE\u0301" })).rejects.toThrow("unique");
    await expect(app.createUser({ username: "other", email: "RENE@EXAMPLE.COM" })).rejects.toThrow("unique");
  });

  test.each([
    "a@b",
    "",
    "two words",
    "a\u200bb",
    "\u202eadmin",
    "\uff41dmin",
    "\ufb01n",
    "-a",
    "a.",
    "a\u00adb",
    "\u3164",
    "x".repeat(65),
    "\u05d0a",
    "a/b",
  ])("refuse the username %j", async (username) => {
    await expect(app.createUser({ username })).rejects.toThrow('"field":"username"');
  });

  test.each([
    "plain",
    "a@",
    "@b.com",
    "a@b",
    "a b@c.com",
    "\uff41@example.com",
    `${"x".repeat(65)}@example.com`,
    "a@-b.com",
    "a@b..com",
    '"a"@b.com',
  ])("refuse the address %j", async (email) => {
    await expect(app.createUser({ email })).rejects.toThrow('"field":"email"');
  });
});
