import { availableParallelism } from "node:os";
import argon2 from "argon2";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { withHashPermit } from "../../../src/auth/passwords/hash-queue.ts";
import { Client } from "../../harness/client.ts";
import { safe } from "../../harness/configuration.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp } from "../../harness/server.ts";
import { LogInDocument, PrivateDocument, RegisterDocument } from "../../operations/generated/graphql.ts";

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

    const decomposed = await app.createUser({ password: "cafe\u0301 \ufb01ne am Morgen" });
    expect(await codesOfLogin({ ...decomposed, password: "caf\u00e9 \ufb01ne am Morgen" })).toEqual([]);
    expect(await codesOfLogin({ ...decomposed, password: "caf\u00e9 fine am Morgen" })).toEqual([
      "INVALID_CREDENTIALS",
    ]);
  });

  test("that cannot be stored as it was typed is refused", async () => {
    for (const password of ["a lone surrogate \ud800", "a NUL \u0000 within it"])
      await expect(app.createUser({ password })).rejects.toThrow("well_formed");
  });

  test("has 12 to 128 characters, counted as people count them, and is never cut", async () => {
    const register = async (password: string) => {
      const input = { username: "shorty", email: "shorty@example.org", password };
      return (await new Client(app).run(RegisterDocument, { input })).text;
    };
    expect(await register("x".repeat(11))).toContain('"min_length"');
    expect(await register("x".repeat(129))).toContain('"max_length"');
    expect(await register("\u{1f600}".repeat(11))).toContain('"min_length"');
    // Of two: one character again and again is common.
    const smiles = (length: number) => `${"\u{1f600}".repeat(length - 1)}\u{1f610}`;
    expect(await register(smiles(12))).not.toContain("errors");
    const user = await app.createUser({ password: smiles(128) });
    expect(await codesOfLogin(user)).toEqual([]);
    expect(await codesOfLogin({ ...user, password: smiles(128).slice(0, -2) })).toEqual([
      "INVALID_CREDENTIALS",
    ]);
  });

  test("with a weaker hash is hashed again at the next login, and a failed login changes nothing", async () => {
    for (const costs of [
      { memoryCost: 8192, timeCost: 2 },
      { memoryCost: 19_456, timeCost: 1 },
    ]) {
      const user = await app.createUser();
      const weak = await argon2.hash(user.password, { type: argon2.argon2id, parallelism: 1, ...costs });
      await store(user.id, weak);
      await codesOfLogin({ ...user, password: "not the right password" });
      expect(await storedHash(user.id)).toBe(weak);
      expect(await codesOfLogin(user)).toEqual([]);
      for (const cost of ["m=19456", "t=2"]) expect(await storedHash(user.id)).toContain(cost);
      expect(await codesOfLogin(user)).toEqual([]);
    }
  });

  test("with a weaker hash lets in whoever else logs in at the same moment", async () => {
    const user = await app.createUser();
    const costs = { type: argon2.argon2id, memoryCost: 8192, timeCost: 2, parallelism: 1 } as const;
    await store(user.id, await argon2.hash(user.password, costs));
    const logins = await app.database.transaction().execute(async (transaction) => {
      await transaction.selectFrom("users").select("id").where("id", "=", user.id).forUpdate().execute();
      const logins = [1, 2, 3].map(() => codesOfLogin(user));
      // All have checked the old hash.
      await untilBlocked(app, 3);
      return logins;
    });
    expect(await Promise.all(logins)).toEqual([[], [], []]);
    const failures = app.database
      .selectFrom("audit_events")
      .select("id")
      .where("user_id", "=", user.id)
      .where("type", "=", "LOGIN_FAILED");
    expect(await failures.execute()).toEqual([]);
  });

  test("that is changed while a login makes its weak hash anew stays changed", async () => {
    const user = await app.createUser();
    const costs = { type: argon2.argon2id, memoryCost: 8192, timeCost: 2, parallelism: 1 } as const;
    await store(user.id, await argon2.hash(user.password, costs));
    // As if the change came right after the login had been accepted.
    await sql`create function change_password() returns trigger language plpgsql as
      'begin update graphward.users set password_hash = ''another hash'' where id = new.id; return null; end'`.execute(
      app.database,
    );
    await sql`create trigger change_password after update of last_login_at on users for each row
      execute function change_password()`.execute(app.database);
    try {
      expect(await codesOfLogin(user)).toEqual([]);
      expect(await storedHash(user.id)).toBe("another hash");
    } finally {
      await sql`drop function change_password cascade`.execute(app.database);
    }
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

test("graphward check counts the stored hashes that are weaker than today's, which their owners' logins renew", async () => {
  const counted = await startApp();
  try {
    const users = [await counted.createUser(), await counted.createUser(), await counted.createUser()];
    const costs = [{ memoryCost: 19_455 }, { timeCost: 1 }];
    const password = "correct horse battery staple";
    for (const [index, cost] of costs.entries())
      await counted.database
        .updateTable("users")
        .set({
          password_hash: await argon2.hash(password, {
            memoryCost: 19_456,
            timeCost: 2,
            parallelism: 1,
            ...cost,
          }),
        })
        .where("id", "=", users[index]?.id ?? "")
        .execute();
    const environment = { ...safe, DATABASE_URL: counted.config.databaseUrl ?? "" };
    const check = () => graphward(["check"], { environment });
    const found = await check();
    expect([found.status, found.stdout]).toEqual([
      0,
      expect.stringMatching(
        /^warning password hashes: 2 are weaker than new ones; each is renewed when .*\n$/,
      ),
    ]);
    for (const user of users) await new Client(counted).logIn(user);
    expect((await check()).stdout).toBe("No problems found.\n");
  } finally {
    await counted.close();
  }
});

test("a stored hash at the ceiling, and none beyond it, is computed", async () => {
  const user = await app.createUser();
  for (const costs of [
    { memoryCost: 262_144, timeCost: 2, parallelism: 1 },
    { memoryCost: 1024, timeCost: 10, parallelism: 4 },
  ]) {
    await store(user.id, await argon2.hash(user.password, { type: argon2.argon2id, ...costs }));
    expect([costs, await codesOfLogin(user)]).toEqual([costs, []]);
  }
  for (const costs of [
    { memoryCost: 262_145, timeCost: 2, parallelism: 1 },
    { memoryCost: 1024, timeCost: 11, parallelism: 1 },
    { memoryCost: 1024, timeCost: 2, parallelism: 5 },
  ]) {
    await store(user.id, await argon2.hash(user.password, { type: argon2.argon2id, ...costs }));
    expect([costs, await codesOfLogin(user)]).toEqual([costs, ["INVALID_CREDENTIALS"]]);
  }
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

/** No place is free meanwhile, in a queue that the server in this process shares: what needs a hash is refused, and costs the test none. */
const withFullQueue = async (act: () => Promise<void>) => {
  const all = Promise.withResolvers<void>();
  // Only the waits of those in the queue: nobody leaves it before the end.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const held = Array.from({ length: Math.min(Math.max(1, availableParallelism() - 1), 3) + 64 }, () =>
    withHashPermit(() => all.promise),
  );
  try {
    await act();
  } finally {
    vi.useRealTimers();
    all.resolve();
    await Promise.all(held);
  }
};

test("a login costs a hash whether there is an account, a password or neither", async () => {
  const user = await app.createUser();
  const passwordless = await app.createUser();
  await app.database
    .updateTable("users")
    .set({ password_hash: null })
    .where("id", "=", passwordless.id)
    .execute();
  const names = ["nobody-of-this-name", "nobody@example.com", passwordless.username, user.username];
  const codesOf = async (username: string) => [
    username,
    await codesOfLogin({ username, password: "not the right password" }),
  ];
  await withFullQueue(async () => {
    for (const name of names) expect(await codesOf(name)).toEqual([name, ["SERVICE_UNAVAILABLE"]]);
  });
  for (const name of names) expect(await codesOf(name)).toEqual([name, ["INVALID_CREDENTIALS"]]);
});

test("who waits too long for a hash is told to come later, and the place is not lost", async () => {
  const user = await app.createUser();
  const slow = { type: argon2.argon2id, memoryCost: 65_536, timeCost: 10, parallelism: 1 } as const;
  await store(user.id, await argon2.hash(user.password, slow));
  // Fewer than the queue holds, so that only the waiting can refuse them.
  const answers = await Promise.all(Array.from({ length: 60 }, () => codesOfLogin(user)));
  expect(answers).toContainEqual([]);
  expect(answers).toContainEqual(["SERVICE_UNAVAILABLE"]);
  expect(await codesOfLogin(user)).toEqual([]);
});

test("making accounts stands in the same line", async () => {
  await withFullQueue(() =>
    expect(app.createUser()).rejects.toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE" } }),
  );
  await expect(app.createUser()).resolves.toBeDefined();
});

test("a password of more than 128 characters costs no hash", async () => {
  const user = await app.createUser();
  await withFullQueue(async () => {
    expect(await codesOfLogin({ ...user, password: "x".repeat(128) })).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(await codesOfLogin({ ...user, password: "x".repeat(129) })).toEqual(["INVALID_CREDENTIALS"]);
  });
});

describe("usernames and addresses", () => {
  test("are unique in one canonical form, by the database", async () => {
    await app.createUser({ username: "Ren\u00e9", email: "rene@example.com" });
    await expect(app.createUser({ username: "RENE\u0301" })).rejects.toThrow('"rule":"unique"');
    await expect(app.createUser({ username: "other", email: "RENE@EXAMPLE.COM" })).rejects.toThrow(
      '"rule":"unique"',
    );
    // A letter that is composed in lower case only.
    await app.createUser({ username: "\u01f0an", email: "jan@b\u00fccher.example" });
    await expect(app.createUser({ username: "J\u030cAN" })).rejects.toThrow('"rule":"unique"');
    await expect(app.createUser({ email: "jan@xn--bcher-kva.example" })).rejects.toThrow('"rule":"unique"');
  });

  test("name the rule that they break", async () => {
    await expect(app.createUser({ username: "" })).rejects.toThrow('"rule":"required"');
    await expect(app.createUser({ username: "a@b" })).rejects.toThrow('"rule":"no_at_sign"');
    for (const role of ["admin", "users:read", ""])
      await expect(app.createUser({ roles: [role] })).rejects.toThrow('"rule":"role_name"');
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
    "\u0130".repeat(64),
    "\u05d0a",
    "1\u05d0",
    "a\ufe0fb",
    "a\u034fb",
    "a/b",
  ])("refuse the username %j", async (username) => {
    await expect(app.createUser({ username })).rejects.toThrow('"field":"username"');
  });

  test.each([
    "plain",
    "plain.example",
    "a@",
    "@b.com",
    "a@b",
    "a b@c.com",
    "\uff41@example.com",
    `${"x".repeat(65)}@example.com`,
    "a@-b.com",
    "a@b..com",
    "a..b@example.com",
    "a@exam\nple.com",
    "a@exam\tple.com",
    "a@exam\u200bple.com",
    "a@exam\u00adple.com",
    "a@example%2ecom",
    "a@example.com/x",
    "a@example.com?x",
    "a@example.com#x",
    "a@b@example.com",
    `a@${"x.".repeat(130)}com`,
    `a@${"\u00fca.".repeat(60)}com`,
    `a@${"\u00ad".repeat(300)}example.com`,
    '"a"@b.com',
  ])("refuse the address %j", async (email) => {
    await expect(app.createUser({ email })).rejects.toThrow('"field":"email"');
  });
});
