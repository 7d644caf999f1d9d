import { createHash } from "node:crypto";
import argon2 from "argon2";
import { type GraphQLInputType, getNamedType, isInputObjectType } from "graphql";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { makeToken } from "../../../src/auth/secrets/secret.ts";
import { readConfig } from "../../../src/config/config.ts";
import { buildGuardedSchema } from "../../../src/schema/build.ts";
import { days, hours, minutes } from "../../../src/time.ts";
import { clientAt } from "../../harness/addressed-client.ts";
import type { Client } from "../../harness/client.ts";
import { abandonChecks, endCounts, forgetCounts, readCounts } from "../../harness/counts.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { jobsOf, readOutbox, sendLink, until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { findRedisOfTests } from "../../harness/redis.ts";
import { rootFieldsOf } from "../../harness/root-fields.ts";
import { type App, startApp, startTwoServers, type User } from "../../harness/server.ts";
import {
  ChangeEmailDocument,
  ChangePasswordDocument,
  LogInDocument,
  LogOutDocument,
  PublicDocument,
  ReauthenticateDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResendVerificationDocument,
  ResetPasswordDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

const secret = "of both servers in this test, and of no other";

let app: App;
let other: App;
beforeAll(async () => {
  // The figures that hold by default.
  const environment = { RATE_LIMITS: "", TRUST_PROXY: "1", SESSION_SECRET: secret };
  ({ here: app, there: other } = await startTwoServers(environment));
});
afterAll(() => app.close());

/** Each from an address of its own, unless one is given. */
const clientFrom = (address?: string, server = app) => clientAt(server, address);

const wrong = "a password that nobody has";
const tryTo = (client: Client, username: string, password = wrong) =>
  client.run(LogInDocument, { username, password });
const credentialsOf = ({ username, password }: User) => [username, password] as const;
const codesOf = async (answers: readonly ReturnType<typeof tryTo>[]) =>
  (await Promise.all(answers)).flatMap(({ codes }) => codes);
const spend = async (username: string, client = clientFrom()) => {
  for (let attempt = 1; attempt <= 5; attempt += 1)
    expect((await tryTo(client, username)).codes).toEqual(["INVALID_CREDENTIALS"]);
};
/** As if the waits had passed. */
const passWaits = () => endCounts(app, (key) => !key.startsWith("login.waits:"));

/** The secret in a link that was mailed; the mail itself is another test's. */
const secretOfLink = async ({ id, email }: User) => {
  await sendLink(app, {
    template: "reset-password",
    purpose: "reset-password",
    userId: id,
    sentTo: email ?? "",
  });
  return until(async () => {
    const outboxes = await Promise.all([app, other].map(({ config }) => readOutbox(config.dataDir)));
    const [message] = messagesTo(outboxes.flat(), email ?? "");
    return message && secretIn(message);
  });
};
/** The names of an input's fields. */
const namesOf = (type: GraphQLInputType) => {
  const named = getNamedType(type);
  return isInputObjectType(named) ? Object.keys(named.getFields()) : [];
};

describe("passwords for one account", () => {
  test("the sixth is refused, right or wrong, from any address, on any server, with Retry-After", async () => {
    const alice = await app.createUser();
    await spend(alice.username);
    for (const password of [wrong, alice.password])
      for (const client of [clientFrom(), clientFrom(undefined, other)]) {
        const answer = await tryTo(client, alice.username.toUpperCase(), password);
        expect([answer.status, answer.codes]).toEqual([429, ["RATE_LIMITED"]]);
        const seconds = Number(answer.headers.get("retry-after"));
        expect(seconds).toBeGreaterThan(50);
        expect(seconds).toBeLessThanOrEqual(60);
        expect(answer.errors[0]?.extensions.retryAfter).toBe(seconds);
        expect(answer.data).toEqual({ login: null });
      }
    expect((await clientFrom().run(PublicDocument)).status).toBe(200);
  });

  test("a name that nobody has is limited like one that somebody has", async () => {
    await spend("nobody-at-all");
    expect((await tryTo(clientFrom(), "nobody-at-all")).codes).toEqual(["RATE_LIMITED"]);
  });

  test("of thirty at the same moment on two servers five are checked", async () => {
    const { username } = await app.createUser();
    const codes = await codesOf(
      Array.from({ length: 30 }, (_, index) =>
        tryTo(clientFrom(undefined, index % 2 === 0 ? app : other), username),
      ),
    );
    expect(codes.filter((code) => code === "INVALID_CREDENTIALS")).toHaveLength(5);
    expect(codes.filter((code) => code === "RATE_LIMITED")).toHaveLength(25);
  });

  test("waits grow to fifteen minutes and no further; attempts meanwhile do not prolong them", async () => {
    const { username } = await app.createUser();
    const waits: number[] = [];
    for (let round = 1; round <= 6; round += 1) {
      await spend(username);
      const answers = [await tryTo(clientFrom(), username), await tryTo(clientFrom(), username)];
      const [first = 0, second = 0] = answers.map(({ headers }) => Number(headers.get("retry-after")));
      expect(second).toBeLessThanOrEqual(first);
      waits.push(first);
      await passWaits();
    }
    expect(waits).toEqual([60, 120, 240, 480, 900, 900]);
  });

  test("a right one lets the waits begin anew", async () => {
    const alice = await app.createUser();
    const waitsOf = async () => {
      await spend(alice.username);
      const { headers } = await tryTo(clientFrom(), alice.username);
      await passWaits();
      return headers.get("retry-after");
    };
    expect([await waitsOf(), await waitsOf()]).toEqual(["60", "120"]);
    expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual([]);
    expect(await waitsOf()).toBe("60");
  });

  test("a limited answer is the same for a right one, a wrong one and one of nobody", async () => {
    const [alice, nobody] = [await app.createUser(), "nobody-whom-we-know"];
    for (const name of [alice.username, nobody]) await spend(name);
    const answers = [
      await tryTo(clientFrom(), alice.username),
      await tryTo(clientFrom(), alice.username, alice.password),
      await tryTo(clientFrom(), nobody),
    ];
    // The seconds that are left are those of the account, whatever was typed.
    const shown = answers.map(({ status, headers, text }) => {
      const kept = [...headers].filter(([name]) => !["date", "retry-after", "x-request-id"].includes(name));
      return JSON.stringify([status, kept, text.replace(/"retryAfter":\d+/, "")]);
    });
    expect(new Set(shown).size).toBe(1);
  });

  test("is charged before a password is checked: beyond the budget nothing is hashed", async () => {
    const alice = await app.createUser();
    await spend(alice.username);
    const checks = vi.spyOn(argon2, "verify");
    for (const password of [wrong, alice.password]) await tryTo(clientFrom(), alice.username, password);
    const count = checks.mock.calls.length;
    checks.mockRestore();
    expect(count).toBe(0);
    const sessions = app.database.selectFrom("sessions").select("id").where("user_id", "=", alice.id);
    expect(await sessions.execute()).toEqual([]);
  });

  test("every spelling of a name or an address is one account", async () => {
    for (const [first, second] of [
      ["jos\u00e9", "JOSE\u0301"],
      ["Someone@straße.example", "SOMEONE@xn--strae-oqa.Example"],
    ] as const) {
      await spend(first);
      expect((await tryTo(clientFrom(), second)).codes).toEqual(["RATE_LIMITED"]);
    }
  });

  test("a right one clears the account's count, and not the address's", async () => {
    const [alice, client] = [await app.createUser(), clientFrom()];
    for (let round = 1; round <= 7; round += 1) {
      expect(await codesOf([1, 2, 3].map(() => tryTo(client, alice.username)))).toEqual(
        Array(3).fill("INVALID_CREDENTIALS"),
      );
      expect((await tryTo(client, alice.username, alice.password)).codes).toEqual([]);
      client.deviceCookies.clear();
    }
    // Twenty-eight so far.
    await tryTo(client, alice.username);
    await tryTo(client, alice.username);
    expect((await tryTo(client, alice.username, alice.password)).codes).toEqual(["RATE_LIMITED"]);
    expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual([]);
  });

  test("twelve right ones at the same moment on two servers all get in: who is sent back comes again at once", async () => {
    const alice = await app.createUser();
    const others = await app.createUser();
    const browser = clientFrom();
    await browser.logIn(others, "SESSION");
    for (const [user, clientOf] of [
      [alice, (index: number) => clientFrom(undefined, index % 2 === 0 ? app : other)],
      // A familiar browser with many tabs.
      [others, () => Object.assign(clientFrom(), { deviceCookies: browser.deviceCookies })],
    ] as const) {
      // However fast a check is: the first five wait for the sixth.
      const isRefused = Promise.withResolvers<void>();
      const verify = argon2.verify;
      const checks = vi.spyOn(argon2, "verify").mockImplementation(async (...given) => {
        await isRefused.promise;
        return verify(...given);
      });
      const enter = async (index: number): Promise<void> => {
        for (;;) {
          const answer = await tryTo(clientOf(index), user.username, user.password);
          if (answer.codes.length === 0) return;
          expect([answer.codes, answer.headers.get("retry-after")]).toEqual([["RATE_LIMITED"], "1"]);
          isRefused.resolve();
        }
      };
      try {
        await Promise.all(Array.from({ length: 12 }, (_, index) => enter(index)));
      } finally {
        checks.mockRestore();
      }
      await spend(user.username);
      await forgetCounts(app);
    }
  });

  test("right ones between guesses at the same moment give the guesses nothing", async () => {
    const alice = await app.createUser();
    const [rightMayEnd, guessesMayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const verify = argon2.verify;
    const checks = vi.spyOn(argon2, "verify").mockImplementation(async (digest, password, ...rest) => {
      await (password === alice.password ? rightMayEnd : guessesMayEnd).promise;
      return verify(digest, password, ...rest);
    });
    const counted = (points: number) =>
      until(async () => {
        const counts = await readCounts(app);
        const ofAccount = counts.find(({ key, flying }) => key.startsWith("login.account:") && flying > 0);
        return ofAccount?.points === points;
      });
    try {
      const right = tryTo(clientFrom(), alice.username, alice.password);
      await counted(1);
      const guesses = [1, 2, 3, 4].map(() => tryTo(clientFrom(), alice.username));
      await counted(5);
      // A right password as well as a wrong one is asked to come again, and starts no wait.
      for (const password of [wrong, alice.password]) {
        const answer = await tryTo(clientFrom(), alice.username, password);
        expect([answer.codes, answer.headers.get("retry-after")]).toEqual([["RATE_LIMITED"], "1"]);
      }
      rightMayEnd.resolve();
      expect((await right).codes).toEqual([]);
      guessesMayEnd.resolve();
      expect(await codesOf(guesses)).toEqual(Array(4).fill("INVALID_CREDENTIALS"));
      expect(checks).toHaveBeenCalledTimes(5);
    } finally {
      rightMayEnd.resolve();
      guessesMayEnd.resolve();
      checks.mockRestore();
    }
    expect((await tryTo(clientFrom(), alice.username)).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect((await tryTo(clientFrom(), alice.username)).headers.get("retry-after")).toBe("60");
  });

  test("guesses whose server died in the middle stay counted, and block nobody's waits", async () => {
    const { username } = await app.createUser();
    await spend(username);
    await abandonChecks(app, "login.account", 5);
    expect((await tryTo(clientFrom(), username)).headers.get("retry-after")).toBe("60");
  });

  test("proving it again has a count of its own: who finds an open browser cannot keep the owner out", async () => {
    const alice = await app.createUser();
    const client = clientFrom();
    await client.logIn(alice, "TOKEN");
    const prove = (password: string) => client.run(ReauthenticateDocument, { password });
    for (let attempt = 1; attempt <= 5; attempt += 1)
      expect((await prove(wrong)).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect((await prove(alice.password)).codes).toEqual(["RATE_LIMITED"]);
    expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual([]);
  });
});

describe("one address", () => {
  test("has thirty passwords a minute, whatever the accounts; the thirty-first spends no account's budget", async () => {
    const client = clientFrom();
    const names = Array.from({ length: 30 }, (_, index) => `sprayed-${index}`);
    for (const name of names) expect((await tryTo(client, name)).codes).toEqual(["INVALID_CREDENTIALS"]);
    const alice = await app.createUser();
    for (let attempt = 1; attempt <= 6; attempt += 1)
      expect((await tryTo(client, alice.username)).codes).toEqual(["RATE_LIMITED"]);
    expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual([]);
  });

  test("is a /64 of IPv6", async () => {
    for (let index = 1; index <= 30; index += 1)
      await tryTo(clientFrom(`2001:db8:1:2::${index.toString(16)}`), `v6-${index}`);
    expect((await tryTo(clientFrom("2001:db8:1:2:ffff::1"), "v6-other")).codes).toEqual(["RATE_LIMITED"]);
    expect((await tryTo(clientFrom("2001:db8:1:3::1"), "v6-other")).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("of IPv4 is one however it is written, and no other's", async () => {
    const spellings = ["198.51.99.1", "::ffff:198.51.99.1", "::FFFF:c633:6301", "0:0:0:0:0:ffff:198.51.99.1"];
    for (let index = 0; index < 30; index += 1)
      await tryTo(clientFrom(spellings[index % spellings.length]), `mapped-${index}`);
    for (const spelling of spellings)
      expect((await tryTo(clientFrom(spelling), "mapped")).codes).toEqual(["RATE_LIMITED"]);
    for (const other of ["::FFFF:c633:6302", "0:0:0:0:0:ffff:198.51.99.3", "::ffff:198.51.99.4"])
      expect((await tryTo(clientFrom(other), "mapped")).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("is what the one trusted proxy says: what a client wrote before that changes nothing", async () => {
    for (let index = 1; index <= 30; index += 1)
      await tryTo(clientFrom(`203.0.113.${index}, 198.51.98.1`), `hop-${index}`);
    expect((await tryTo(clientFrom("203.0.113.99, 198.51.98.1"), "hop")).codes).toEqual(["RATE_LIMITED"]);
    expect((await tryTo(clientFrom("198.51.98.1, 198.51.98.2"), "hop")).codes).toEqual([
      "INVALID_CREDENTIALS",
    ]);
  });

  test.each([{}, { TRUST_PROXY: "10.0.0.0/8" }])(
    "is not what X-Forwarded-For says where no proxy is trusted",
    async (trust) => {
      const direct = await startApp({ RATE_LIMITS: "login.ip=3/1h", ...trust });
      try {
        for (let index = 1; index <= 3; index += 1)
          await tryTo(clientFrom(`198.51.100.${index}`, direct), `spoofed-${index}`);
        expect((await tryTo(clientFrom("198.51.100.99", direct), "spoofed")).codes).toEqual(["RATE_LIMITED"]);
      } finally {
        await direct.close();
      }
    },
  );

  test.each<[trust: string, through: string]>([
    ["1", ""],
    ["127.0.0.1,::1,198.51.95.0/24", ", 198.51.95.9:4711"],
  ])("is read without the port that some proxies write", async (TRUST_PROXY, through) => {
    const behind = await startApp({ RATE_LIMITS: "login.ip=2/1h", TRUST_PROXY });
    try {
      let names = 0;
      const from = (address: string) => {
        names += 1;
        return tryTo(clientFrom(address + through, behind), `ported-${names}`);
      };
      for (const one of ["198.51.100.7:1", "[2001:db8:7::7]:1", "[2001:db8:8::8]"]) {
        await from(one);
        await from(one.replace(/:1$/, ":2"));
        expect((await from(one.replace(/[[\]]|\]?:1$/g, ""))).codes).toEqual(["RATE_LIMITED"]);
      }
      expect((await from("198.51.100.8:1")).codes).toEqual(["INVALID_CREDENTIALS"]);
    } finally {
      await behind.close();
    }
  });

  test("that a trusted proxy does not write as one is told in the log, once", async () => {
    const told = () =>
      app.log.filter((line) =>
        line.includes("trusted proxy sent X-Forwarded-For without an IP: its clients share rate limits"),
      );
    expect(told()).toEqual([]);
    for (const unreadable of ["unknown", "_hidden", "198.51.100.7:x"])
      await clientFrom(unreadable).run(PublicDocument);
    expect(told()).toHaveLength(1);
  });

  test("tries thirty links a minute", async () => {
    const client = clientFrom();
    const attempt = () =>
      client.run(ResetPasswordDocument, { token: "made-up", newPassword: "a passphrase of mine" });
    for (let count = 1; count <= 30; count += 1) expect((await attempt()).codes).toEqual(["INVALID_TOKEN"]);
    expect((await attempt()).codes).toEqual(["RATE_LIMITED"]);
  });

  test("is charged before a link is tried: one that comes too late is still good", async () => {
    const alice = await app.createUser({ email: "late@example.com" });
    const client = clientFrom();
    const token = await secretOfLink(alice);
    const reset = (by: Client, secret: string) =>
      by.run(ResetPasswordDocument, { token: secret, newPassword: "a passphrase of mine" });
    for (let count = 1; count <= 30; count += 1) await reset(client, "made-up");
    expect((await reset(client, token)).codes).toEqual(["RATE_LIMITED"]);
    expect((await reset(clientFrom(), token)).codes).toEqual([]);
  });

  test("asks for ten mails an hour, whomever they go to", async () => {
    const client = clientFrom();
    const ask = (index: number) =>
      client.run(RequestPasswordResetDocument, { email: `asked-${index}@example.com` });
    for (let index = 1; index <= 10; index += 1) expect((await ask(index)).codes).toEqual([]);
    expect((await ask(11)).codes).toEqual(["RATE_LIMITED"]);
  });

  test("tries thirty unknown tokens a minute; who has a good one is not refused meanwhile", async () => {
    const [honest, thief] = [clientFrom("203.0.113.9"), clientFrom("203.0.113.9")];
    const { token } = await honest.logIn(await app.createUser(), "TOKEN");
    for (let count = 1; count <= 30; count += 1) {
      thief.token = makeToken("gws_");
      expect((await thief.run(PublicDocument)).status).toBe(401);
    }
    thief.token = makeToken("gws_");
    const refused = await thief.run(PublicDocument);
    expect([refused.status, refused.codes]).toEqual([429, ["RATE_LIMITED"]]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    honest.token = token ?? null;
    expect((await honest.run(ViewerDocument)).data?.viewer).not.toBeNull();
  });

  test("makes twenty accounts an hour", async () => {
    const client = clientFrom();
    const register = (name: string) =>
      client.run(RegisterDocument, {
        input: { username: name, email: `${name}@example.com`, password: "a passphrase of mine" },
      });
    for (let count = 1; count <= 20; count += 1) expect((await register(`many-${count}`)).codes).toEqual([]);
    expect((await register("one-too-many")).codes).toEqual(["RATE_LIMITED"]);
  });
});

describe("the figures", () => {
  test("are those that are published, and a setting replaces only the one that it names", () => {
    const figures = {
      "login.account": { points: 5, per: minutes(15) },
      "login.device": { points: 5, per: minutes(15) },
      "login.ip": { points: 30, per: minutes(1) },
      "factor.account": { points: 10, per: minutes(15) },
      "code.account": { points: 10, per: minutes(15) },
      "passkey.ip": { points: 60, per: minutes(1) },
      "provider.ip": { points: 30, per: minutes(1) },
      "register.ip": { points: 20, per: hours(1) },
      "reset.ip": { points: 10, per: hours(1) },
      "mail.account": { points: 3, per: hours(1) },
      "secret.ip": { points: 30, per: minutes(1) },
    };
    expect(readConfig({}).rateLimits).toEqual(figures);
    expect(readConfig({ RATE_LIMITS: "login.device=7/2d" }).rateLimits).toEqual({
      ...figures,
      "login.device": { points: 7, per: days(2) },
    });
  });

  test("hold for as long as they say, from the first attempt on", async () => {
    await forgetCounts(app);
    const alice = await app.createUser();
    const browser = clientFrom();
    await browser.logIn(alice, "SESSION");
    await tryTo(browser, alice.username);
    await tryTo(clientFrom(), "timed-name");
    const input = { username: "timed", email: "timed@example.com", password: "a passphrase of mine" };
    await clientFrom().run(RegisterDocument, { input });
    await clientFrom().run(RequestPasswordResetDocument, { email: "timed-too@example.com" });
    await clientFrom().run(ResetPasswordDocument, { token: "made-up", newPassword: input.password });
    const minutesOf = new Map(
      (await readCounts(app))
        .filter(({ left }) => left > 0)
        .map(({ key, left }) => [key.split(":")[0], Math.ceil(left / minutes(1))]),
    );
    expect(Object.fromEntries(minutesOf)).toEqual({
      "login.account": 15,
      "login.device": 15,
      "login.ip": 1,
      "register.ip": 60,
      "reset.ip": 60,
      "mail.account": 60,
      "secret.ip": 1,
    });
  });
});

describe("a field that costs", () => {
  const fields = rootFieldsOf(buildGuardedSchema().schema);

  test("is each that takes a password or a link, or sends mail to an address that was typed", () => {
    const takesSecret = ({ field }: (typeof fields)[number]) =>
      field.args.some(({ name, type }) =>
        /password|token|email/i.test(
          name === "input" ? `${String(type)} ${JSON.stringify(namesOf(type))}` : name,
        ),
      );
    const uncharged = fields.filter((it) => takesSecret(it) && it.field.extensions.charged === undefined);
    // It makes a token, and takes none.
    expect(uncharged.map(({ coordinate }) => coordinate)).toEqual(["Mutation.createAccessToken"]);
  });

  test("is refused the second time in a request, whichever it is", async () => {
    const administrator = clientFrom();
    await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
    const charged = fields.filter(({ field }) => field.extensions.charged !== undefined);
    expect(charged.length).toBeGreaterThan(14);
    expect(charged.map(({ coordinate }) => coordinate)).toContain("Query.exportMyData");
    for (const { document, coordinate } of charged) {
      const [, operation, field] = /^(\w+) \{ (.*) \}$/s.exec(document) ?? [];
      const { codes } = await administrator.run(`${operation} { first: ${field} second: ${field} }`);
      expect([coordinate, codes.at(-1)]).toEqual([coordinate, "RATE_LIMITED"]);
    }
  });

  test("comes once a request: aliases and fragments gain nothing", async () => {
    const { username } = await app.createUser();
    const one = (alias: string) =>
      `${alias}: login(username: "${username}", password: "${wrong}") { userId }`;
    const client = clientFrom();
    const answer = await client.run(
      `mutation { ${one("a")} ...more } fragment more on Mutation { ${one("b")} ${one("c")} }`,
    );
    expect(answer.codes).toEqual(["INVALID_CREDENTIALS", "RATE_LIMITED", "RATE_LIMITED"]);
    const mixed = await client.run(
      `mutation { ${one("a")} requestPasswordReset(email: "a@example.com") { message } }`,
    );
    expect(mixed.codes).toEqual(["INVALID_CREDENTIALS", "RATE_LIMITED"]);
  });
});

describe("a browser that has logged in before", () => {
  const known = async (user: User) => {
    const client = clientFrom();
    await client.logIn(user, "SESSION");
    await client.run(LogOutDocument);
    return client;
  };

  test("gets in while strangers spend the account's budget and its network's", async () => {
    const alice = await app.createUser();
    const browser = await known(alice);
    await spend(alice.username);
    expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual(["RATE_LIMITED"]);
    expect((await tryTo(browser, alice.username, alice.password)).codes).toEqual([]);
    const shared = "198.51.97.1";
    for (let index = 1; index <= 30; index += 1) await tryTo(clientFrom(shared), `neighbour-${index}`);
    expect((await tryTo(clientFrom(shared), alice.username, alice.password)).codes).toEqual(["RATE_LIMITED"]);
    const atHome = Object.assign(clientFrom(shared), { deviceCookies: browser.deviceCookies });
    expect((await tryTo(atHome, alice.username, alice.password)).codes).toEqual([]);
  });

  test("has a budget of its own, which it can spend", async () => {
    const alice = await app.createUser();
    const [browser, another] = [await known(alice), await known(alice)];
    await spend(alice.username, browser);
    expect((await tryTo(browser, alice.username, alice.password)).codes).toEqual(["RATE_LIMITED"]);
    expect((await tryTo(another, alice.username, alice.password)).codes).toEqual([]);
    expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual([]);
  });

  test("has thirty passwords a minute with all others of its account, right ones too; strangers have theirs", async () => {
    const [alice, bob] = [await app.createUser(), await app.createUser()];
    const [browsers, ofBob] = [[await known(alice), await known(alice)], await known(bob)];
    const atOnce = () => browsers.map((it) => tryTo(it, alice.username, alice.password));
    for (let round = 1; round <= 15; round += 1) expect(await codesOf(atOnce())).toEqual([]);
    expect(await codesOf(atOnce())).toEqual(["RATE_LIMITED", "RATE_LIMITED"]);
    expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual([]);
    expect((await tryTo(ofBob, bob.username, bob.password)).codes).toEqual([]);
  });

  test("is not made to wait for what the others of its account have spent", async () => {
    const alice = await app.createUser();
    const [browser, another] = [await known(alice), await known(alice)];
    const enter = (client: Client) => tryTo(client, alice.username, alice.password);
    for (let count = 1; count <= 30; count += 1) expect((await enter(another)).codes).toEqual([]);
    for (let count = 1; count <= 6; count += 1)
      expect((await enter(browser)).codes).toEqual(["RATE_LIMITED"]);
    // As if that minute had passed.
    await endCounts(app, (key) => key.startsWith("login.ip:"));
    expect((await enter(browser)).codes).toEqual([]);
  });

  test("whose cookie was stolen cannot be kept out by the thief, who waits alone", async () => {
    const alice = await app.createUser();
    const [browser, stolen] = [await known(alice), await known(alice)];
    await spend(alice.username, stolen);
    for (let count = 1; count <= 30; count += 1) await tryTo(stolen, alice.username);
    expect((await tryTo(browser, alice.username, alice.password)).codes).toEqual([]);
  });

  test("has it where no script can read it, for 400 days, and not in what other sites send", async () => {
    const answer = await tryTo(clientFrom(), ...credentialsOf(await app.createUser()));
    expect(answer.headers.getSetCookie()).toContainEqual(
      expect.stringMatching(/^graphward-device=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/),
    );
  });

  test("keeps the cookie it has, and it opens nothing", async () => {
    const alice = await app.createUser();
    const browser = await known(alice);
    const [before] = browser.deviceCookies.values();
    expect(browser.cookies.size).toBe(0);
    expect((await browser.run(ViewerDocument)).data).toEqual({ viewer: null });
    await browser.logIn(alice, "SESSION");
    expect([...browser.deviceCookies.values()]).toEqual([before]);
  });

  test("of another account, or with a cookie that we did not sign, is a stranger", async () => {
    const [alice, mallory] = [await app.createUser(), await app.createUser()];
    const [ofAlice, ofMallory] = [await known(alice), await known(mallory)];
    const [name = ""] = ofAlice.deviceCookies.keys();
    const [value = ""] = ofMallory.deviceCookies.values();
    await spend(alice.username);
    const [own = ""] = ofAlice.deviceCookies.values();
    const [, id = "", signature = ""] = value.split(".");
    const account = own.split(".")[0] ?? "";
    for (const forged of [
      value,
      "",
      ".",
      "a.b",
      `${value}x`,
      "ÿ.ÿ",
      `.${"A".repeat(43)}`,
      `${account}.${id}.${signature}`,
      `${account}..`,
      `${account}.${"A".repeat(22)}.${"A".repeat(43)}`,
      `${value}~${account}.${id}.${signature}`,
      // Cut off behind the ten accounts that a browser may have.
      `${`${value}~`.repeat(10)}${own}`,
    ]) {
      const thief = clientFrom();
      thief.deviceCookies.set(name, encodeURIComponent(forged));
      expect((await tryTo(thief, alice.username, alice.password)).codes).toEqual(["RATE_LIMITED"]);
    }
  });

  test("an app that logs in for a token alone gets no cookie", async () => {
    const client = clientFrom();
    await client.logIn(await app.createUser(), "TOKEN");
    expect(client.deviceCookies.size).toBe(0);
  });
});

/** Either server may have sent it. */
const mailsTo = async (address: string) => {
  await until(async () => (await jobsOf(app.database)).length === 0);
  const outboxes = await Promise.all([app, other].map(({ config }) => readOutbox(config.dataDir)));
  return messagesTo(outboxes.flat(), address).length;
};

describe("mail to one address", () => {
  test("is sent three times an hour, whatever asks for it, and the answer does not tell", async () => {
    const email = "somebody@example.com";
    await app.createUser({ email });
    const ask = (typed: string) => clientFrom().run(RequestPasswordResetDocument, { email: typed });
    const input = { username: "somebody-else", email, password: "a passphrase of mine" };
    // A taken address is told of it by mail, out of the same budget.
    expect((await clientFrom().run(RegisterDocument, { input })).codes).toEqual([]);
    const answers = [await ask(email)];
    // Awaited: a link that is replaced before its mail was written is not sent.
    expect(await mailsTo(email)).toBe(2);
    answers.push(await ask(email.toUpperCase()));
    expect(await mailsTo(email)).toBe(3);
    answers.push(await ask(email), await ask("nobody@example.com"));
    expect(
      (await clientFrom().run(RegisterDocument, { input: { ...input, username: "one-more" } })).codes,
    ).toEqual([]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await mailsTo(email)).toBe(3);
  });

  test("keeps the last one for a new password, whoever registers with the address or changes to it", async () => {
    const email = "wanted@example.org";
    const [owner, other] = [await app.createUser({ email }), await app.createUser()];
    const input = { username: "another-wanting", email, password: "a passphrase of mine" };
    const change = clientFrom();
    await change.logIn(other, "TOKEN");
    expect((await clientFrom().run(RegisterDocument, { input })).codes).toEqual([]);
    for (let count = 1; count <= 3; count += 1)
      expect((await change.run(ChangeEmailDocument, { email })).codes).toEqual([]);
    for (let count = 1; count <= 3; count += 1) {
      const again = { ...input, username: `another-wanting-${count}` };
      expect((await clientFrom().run(RegisterDocument, { input: again })).codes).toEqual([]);
    }
    expect(await mailsTo(email)).toBe(2);
    await clientFrom().run(RequestPasswordResetDocument, { email: owner.email ?? "" });
    expect(await mailsTo(email)).toBe(3);
  });

  test("is not spent by registrations that are refused, and cause none", async () => {
    const taken = (await app.createUser()).username;
    const email = "kept@example.org";
    await app.createUser({ email });
    const input = { username: taken, email, password: "a passphrase of mine" };
    for (let count = 1; count <= 4; count += 1)
      expect((await clientFrom().run(RegisterDocument, { input })).codes).toEqual(["BAD_USER_INPUT"]);
    for (let count = 1; count <= 3; count += 1) {
      await clientFrom().run(RequestPasswordResetDocument, { email });
      expect(await mailsTo(email)).toBe(count);
    }
  });

  describe("a mail that was not sent after all", () => {
    test.each([
      ["an error", "P0001", "INTERNAL_SERVER_ERROR"],
      ["a database that is not available", "57P03", "SERVICE_UNAVAILABLE"],
    ])("is not spent by what ends in %s: the next try is sent", async (_, sqlState, code) => {
      const name = `failing-${sqlState.toLowerCase()}`;
      const user = await app.createUser({ email: `${name}-owner@example.org` });
      const unverified = { username: name, email: `${name}@example.org`, password: "a passphrase of mine" };
      expect((await clientFrom().run(RegisterDocument, { input: unverified })).codes).toEqual([]);
      const [ofUser, ofUnverified] = [clientFrom(), clientFrom()];
      await ofUser.logIn(user, "TOKEN");
      await ofUnverified.logIn(unverified, "TOKEN");
      const at = (mailbox: string) => `${name}-${mailbox}@example.org`;
      const tries: readonly (readonly [mailbox: string, attempt: () => ReturnType<Client["run"]>])[] = [
        [
          at("registered"),
          () =>
            clientFrom().run(RegisterDocument, {
              input: { ...unverified, username: `${name}-2`, email: at("registered") },
            }),
        ],
        [user.email ?? "", () => clientFrom().run(RequestPasswordResetDocument, { email: user.email ?? "" })],
        [at("changed"), () => ofUser.run(ChangeEmailDocument, { email: at("changed") })],
        [unverified.email, () => ofUnverified.run(ResendVerificationDocument)],
      ];
      expect(await mailsTo(unverified.email)).toBe(1);
      await sql`create function fail() returns trigger language plpgsql as $$
      begin raise exception 'no mail' using errcode = ${sql.lit(sqlState)}; end $$`.execute(app.database);
      await sql`create trigger fail before insert on graphward_jobs._private_jobs execute function fail()`.execute(
        app.database,
      );
      try {
        for (const [, attempt] of tries)
          for (let count = 1; count <= 3; count += 1) expect((await attempt()).codes).toEqual([code]);
      } finally {
        await sql`drop function fail cascade`.execute(app.database);
      }
      for (const [mailbox, attempt] of tries) {
        expect((await attempt()).codes).toEqual([]);
        expect([mailbox, await mailsTo(mailbox)]).toEqual([mailbox, mailbox === unverified.email ? 2 : 1]);
      }
    });
  });

  test("that warns its owner is sent whatever strangers have spent, and spends nothing", async () => {
    const email = "warned@example.com";
    const alice = await app.createUser({ email });
    const logInFrom = (address: string) => clientFrom(address).logIn(alice, "TOKEN");
    await logInFrom("198.51.96.1");
    await logInFrom("198.51.95.1");
    expect(await mailsTo(email)).toBe(1);
    for (const sent of [2, 3, 4, 4]) {
      await clientFrom().run(RequestPasswordResetDocument, { email });
      // Awaited: a link that is replaced before its mail was written is not sent.
      expect(await mailsTo(email)).toBe(sent);
    }
    await logInFrom("198.51.94.1");
    expect(await mailsTo(email)).toBe(5);
    const thief = clientFrom("198.51.94.1");
    await thief.logIn(alice, "TOKEN");
    const change = { currentPassword: alice.password, newPassword: "a passphrase of thieves" };
    expect((await thief.run(ChangePasswordDocument, change)).codes).toEqual([]);
    expect(await mailsTo(email)).toBe(6);
  });
});

describe("what is kept", () => {
  test("names nobody: keys are HMACs", async () => {
    const { username } = await app.createUser();
    await tryTo(clientFrom("198.51.100.77"), username);
    const rows = await readCounts(app);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(username);
    expect(JSON.stringify(rows)).not.toContain("198.51.100");
    // Nor digests that anybody can compute.
    for (const subject of [username, "198.51.100.77"])
      for (const text of [subject, JSON.stringify([subject]), JSON.stringify(["typed", subject])])
        for (const encoding of ["hex", "base64", "base64url"] as const)
          expect(JSON.stringify(rows)).not.toContain(createHash("sha256").update(text).digest(encoding));
  });

  test("cannot be matched with names by whoever has another secret", async () => {
    const stranger = await startApp({
      RATE_LIMITS: "",
      SESSION_SECRET: "of a server that only has the database",
      DATABASE_URL: app.config.databaseUrl ?? "",
    });
    try {
      const keysAfter = async (server: App) => {
        await tryTo(clientFrom("198.51.93.1", server), "matched-name");
        return (await readCounts(app))
          .map(({ key }) => key)
          .filter((key) => key.startsWith("login.account:"));
      };
      const before = await keysAfter(app);
      expect(await keysAfter(app)).toHaveLength(before.length);
      expect(await keysAfter(stranger)).toHaveLength(before.length + 1);
    } finally {
      await stranger.close();
    }
  });

  test("a spent budget is a security event, once", async () => {
    const client = clientFrom("198.51.100.200");
    await spend("audited-name", client);
    for (let count = 1; count <= 3; count += 1) await tryTo(client, "audited-name");
    const events = await until(async () => {
      const found = await app.database
        .selectFrom("audit_events")
        .select("details")
        .where("type", "=", "LIMIT_REACHED")
        .where("ip_address", "=", "198.51.100.200")
        .execute();
      return found.length > 0 ? found : null;
    });
    expect(events).toEqual([{ details: { budget: "login.account" } }]);
  });

  test("one that a known browser spent is its account's event", async () => {
    const alice = await app.createUser();
    const browser = clientFrom();
    await browser.logIn(alice, "SESSION");
    await spend(alice.username, browser);
    await tryTo(browser, alice.username);
    const events = app.database
      .selectFrom("audit_events")
      .select(["type", "details"])
      .where("type", "=", "LIMIT_REACHED")
      .where("user_id", "=", alice.id);
    expect(await until(async () => (await events.execute())[0])).toEqual({
      type: "LIMIT_REACHED",
      details: { budget: "login.device" },
    });
  });

  test("is pruned once it has passed", async () => {
    await spend("pruned-name");
    await tryTo(clientFrom(), "pruned-name");
    await endCounts(app);
    const environment = {
      DATABASE_URL: app.config.databaseUrl ?? "",
      AUDIT_KEY: app.config.auditKeys.join(),
    };
    expect((await graphward(["prune"], { environment })).stdout).toMatch(
      /Expired rate limits deleted: [1-9]/,
    );
    expect(await readCounts(app)).toEqual([]);
  });
});

// With Redis, PostgreSQL does not count: see test/environments/redis.test.ts for what happens then.
(findRedisOfTests() === null ? describe : describe.skip)("while PostgreSQL cannot count", () => {
  afterEach(() => sql`alter table if exists broken_limits rename to rate_limits`.execute(app.database));

  test("a login works, and guessing is limited all the more", async () => {
    const [alice, bob] = [await app.createUser(), await app.createUser()];
    await sql`alter table rate_limits rename to broken_limits`.execute(app.database);
    // More often than memory alone lets anybody try: each right one is forgiven there too.
    for (let count = 1; count <= 4; count += 1)
      expect((await tryTo(clientFrom(), alice.username, alice.password)).codes).toEqual([]);
    const client = clientFrom();
    expect(await codesOf([tryTo(client, bob.username), tryTo(client, bob.username)])).toEqual(
      Array(2).fill("INVALID_CREDENTIALS"),
    );
    expect((await tryTo(client, bob.username, bob.password)).codes).toEqual(["RATE_LIMITED"]);
  });

  test("one address has half of each figure", async () => {
    await sql`alter table rate_limits rename to broken_limits`.execute(app.database);
    const client = clientFrom();
    const register = (name: string) =>
      client.run(RegisterDocument, {
        input: { username: name, email: `${name}@example.com`, password: "a passphrase of mine" },
      });
    const tries: readonly [
      figure: number,
      attempt: (index: number) => Promise<{ codes: readonly string[] }>,
    ][] = [
      [15, (index) => tryTo(client, `half-${index}`)],
      [10, (index) => register(`half-${index}`)],
      [5, (index) => client.run(RequestPasswordResetDocument, { email: `half-${index}@example.org` })],
      [
        15,
        () => client.run(ResetPasswordDocument, { token: "made-up", newPassword: "a passphrase of mine" }),
      ],
    ];
    for (const [figure, attempt] of tries) {
      for (let index = 1; index <= figure; index += 1)
        expect((await attempt(index)).codes).not.toContain("RATE_LIMITED");
      expect((await attempt(figure + 1)).codes).toEqual(["RATE_LIMITED"]);
    }
  });
});

describe("graphward user unlock", () => {
  const unlock = (...args: string[]) =>
    graphward(["user", "unlock", ...args], {
      on: app,
      environment: { SESSION_SECRET: secret },
    });

  test("lets the owner try again at once, whether a stranger or the own browser spent the budget", async () => {
    const alice = await app.createUser({ email: "unlocked@example.com" });
    const browser = clientFrom();
    await browser.logIn(alice, "SESSION");
    await spend(alice.username);
    await spend("unlocked@example.com");
    await spend(alice.username, browser);
    for (const [client, name] of [
      [clientFrom(), alice.username],
      [clientFrom(), "unlocked@example.com"],
      [browser, alice.username],
    ] as const)
      expect((await tryTo(client, name)).codes).toEqual(["RATE_LIMITED"]);

    expect((await unlock(alice.username)).stdout).toBe(`${alice.username} can log in again now.\n`);
    for (const [client, name] of [
      [clientFrom(), alice.username],
      [clientFrom(), "unlocked@example.com"],
      [browser, alice.username],
    ] as const)
      expect((await tryTo(client, name, alice.password)).codes).toEqual([]);
  });

  test("lets the own browsers log in again that have done so too often", async () => {
    const alice = await app.createUser();
    const browser = clientFrom();
    await browser.logIn(alice, "SESSION");
    const again = async () => (await tryTo(browser, alice.username, alice.password)).codes;
    for (let count = 1; count <= 30; count += 1) expect(await again()).toEqual([]);
    expect(await again()).toEqual(["RATE_LIMITED"]);
    await unlock(alice.username);
    expect(await again()).toEqual([]);
  });

  test("lets the mailbox have mail again that strangers have filled", async () => {
    const email = "filled@example.com";
    const alice = await app.createUser({ email });
    const ask = () => clientFrom().run(RequestPasswordResetDocument, { email });
    for (const sent of [1, 2, 3, 3]) {
      await ask();
      // Awaited, as above.
      expect(await mailsTo(email)).toBe(sent);
    }
    await unlock(alice.username);
    await ask();
    expect(await mailsTo(email)).toBe(4);
  });

  test("says so when there is no such user", async () => {
    const { status, stdout, stderr } = await unlock("nobody-here", "--json");
    expect([status, stdout, stderr]).toEqual([1, "", "graphward: There is no such user.\n"]);
  });
});
