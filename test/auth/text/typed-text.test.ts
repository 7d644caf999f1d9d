import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findCanonicalEmail } from "../../../src/auth/text/emails.ts";
import { findCanonicalPassword, findPasswordProblem } from "../../../src/auth/text/passwords.ts";
import { findCanonicalTokenName } from "../../../src/auth/text/token-names.ts";
import { findCanonicalUsername } from "../../../src/auth/text/usernames.ts";
import { minutes } from "../../../src/time.ts";
import { type Answer, Client } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { readOutbox, until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { manyRuns } from "../../harness/runs.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  ChangeEmailDocument,
  ChangePasswordDocument,
  ChangeUsernameDocument,
  CreateAccessTokenDocument,
  CreateUserDocument,
  LogInDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UpdateProfileDocument,
  UpdateUserDocument,
  UsersDocument,
  VerifyEmailDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let administrator: Client;
let user: User;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  administrator = new Client(app);
  await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
  user = await app.createUser({ email: "somebody@example.org" });
  client = new Client(app);
  await client.logIn(user, "TOKEN");
});
afterAll(() => app.close());

const commandLine = (args: readonly string[], input = "") => graphward(args, { on: app, input });

const good = { username: "a-good-name", email: "good@example.org", password: "a quiet tram at dawn" };

/** Each with the rule that it breaks. */
const usernames: readonly (readonly [typed: string, rule: string])[] = [
  ["", "required"],
  ["a@b", "no_at_sign"],
  ["x".repeat(65), "max_length"],
  // 64 characters, which are 128 in the form that is looked up.
  ["\u0130".repeat(64), "max_length"],
  ["x".repeat(10_000), "max_length"],
  ["two words", "characters"],
  [" two\u00a0words ", "characters"],
  ["a\tb", "characters"],
  ["a\u200bb", "characters"],
  ["a\u00adb", "characters"],
  ["a\ufe0fb", "characters"],
  ["\u202eadmin", "characters"],
  ["a\u2066b", "characters"],
  ["\uff41dmin", "characters"],
  ["\ufb01n", "characters"],
  ["\u03f4eta", "characters"],
  ["\u{1d41a}dmin", "characters"],
  ["\ue000", "characters"],
  ["-a", "characters"],
  ["a.", "characters"],
  ["a/../b", "characters"],
  ["<b>", "characters"],
  ["'; drop table users; --", "characters"],
  ["\u0661\u0662", "characters"],
  ["\u05d0a", "direction"],
  ["1\u05d0", "direction"],
];

const addresses: readonly string[] = [
  "plain",
  "a@",
  "@b.com",
  "a@b",
  "a b@c.com",
  " a @example.com",
  "a@ example.com ",
  "\uff41@example.com",
  "\u212a@example.com",
  `${"x".repeat(65)}@example.com`,
  `a@${"x.".repeat(130)}com`,
  "a@-b.com",
  "a@b..com",
  "a..b@example.com",
  "a@exam\nple.com",
  "a@example.com\r\nBcc: everybody@example.com",
  "a@exam\u200bple.com",
  "a@example%2ecom",
  "a@example.com/x",
  "a@[127.0.0.1]",
  "a@b@example.com",
  "Grace <a@example.com>",
  "a@example.com, b@example.com",
  '"a"@b.com',
  "a\u202e@example.com",
  "a@\u202eexample.com",
];

const passwords: readonly (readonly [typed: string, rule: string])[] = [
  ["", "min_length"],
  ["x".repeat(11), "min_length"],
  ["\u{1f600}".repeat(11), "min_length"],
  // Eleven characters once they are composed.
  ["e\u0301".repeat(11), "min_length"],
  ["x".repeat(129), "max_length"],
  ["x".repeat(5_000), "max_length"],
  ["qwerty123456", "common"],
  ["123monkey!!4567", "common"],
  ["dragondragon", "common"],
  // The list has 123123, and not 123.
  ["123123123123", "common"],
  ["\u{1f600}".repeat(12), "common"],
  ["abcdefghijkl", "common"],
  ["zyxwvutsrqpo", "common"],
  ["Graphward-1234", "personal"],
];

const rulesOf = ({ errors }: Pick<Answer<unknown>, "errors">): string[] =>
  ((errors[0]?.extensions.fields ?? []) as { field: string; rule: string }[]).map(
    ({ field, rule }) => `${field} ${rule}`,
  );
const messagesOf = ({ errors }: Pick<Answer<unknown>, "errors">): string[] =>
  ((errors[0]?.extensions.fields ?? []) as { message: string }[]).map(({ message }) => message);
const register = (input: typeof good & { readonly displayName?: string }) =>
  new Client(app).run(RegisterDocument, { input });

describe("odd and hostile names are judged alike by registration, administration, changes and the command line:", () => {
  test.each(usernames)("the username %j", async (username, rule) => {
    const expected = [`username ${rule}`];
    expect(rulesOf(await register({ ...good, username }))).toEqual(expected);
    const { email } = good;
    const created = await administrator.run(CreateUserDocument, { input: { username, email } });
    expect(rulesOf(created)).toEqual(expected);
    expect(rulesOf(await client.run(ChangeUsernameDocument, { username }))).toEqual(expected);
    const updated = await administrator.run(UpdateUserDocument, { id: user.id, input: { username } });
    expect(rulesOf(updated)).toEqual(expected);
    // And nothing is found by it.
    const login = await new Client(app).run(LogInDocument, { username, password: user.password });
    expect(login.codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test.each(addresses)("the address %j", async (email) => {
    expect(rulesOf(await register({ ...good, email }))).toEqual(["email email"]);
    const created = await administrator.run(CreateUserDocument, {
      input: { username: good.username, email },
    });
    expect(rulesOf(created)).toEqual(["email email"]);
    expect(rulesOf(await client.run(ChangeEmailDocument, { email }))).toEqual(["email email"]);
    const updated = await administrator.run(UpdateUserDocument, { id: user.id, input: { email } });
    expect(rulesOf(updated)).toEqual(["email email"]);
    const asked = await new Client(app).run(RequestPasswordResetDocument, { email });
    expect(rulesOf(asked)).toEqual(["email email"]);
  });

  test.each(passwords)("the password %j", async (password, rule) => {
    expect(rulesOf(await register({ ...good, password }))).toEqual([`password ${rule}`]);
    const passwordChange = { currentPassword: user.password, newPassword: password };
    expect(rulesOf(await client.run(ChangePasswordDocument, passwordChange))).toEqual([
      `newPassword ${rule}`,
    ]);
  });

  test(
    "all of them on the command line, which tells in the words of a registration",
    async () => {
      const rows = usernames.map(([username], index) => ({
        username,
        email: addresses[index % addresses.length] ?? "",
        password: passwords[index % passwords.length]?.[0] ?? "",
      }));
      const judge = async (row: typeof good) => {
        const { username, email, password } = row;
        const command = ["user", "create", "--username", username, "--email", email, "--password-stdin"];
        const { status, stderr } = await commandLine(command, password);
        const messages = messagesOf(await register(row)).join("\n");
        expect([row, status, stderr.trimEnd()]).toEqual([row, 1, expect.stringContaining(messages)]);
        expect(messages.split("\n")).toHaveLength(3);
      };
      // Two processes at a time.
      for (let at = 0; at < rows.length; at += 2) await Promise.all(rows.slice(at, at + 2).map(judge));
    },
    minutes(5),
  );

  describe("white space around a name or an email", () => {
    test.each([
      ["a phone's space behind it", (typed: string) => `${typed} `],
      ["a space before it", (typed: string) => ` ${typed}`],
      ["no-break spaces", (typed: string) => `\u00a0${typed}\u202f`],
      ["a pasted line break and tab", (typed: string) => `\t${typed}\r\n`],
      ["an ideographic space and a byte order mark", (typed: string) => `\ufeff${typed}\u3000`],
      ["decomposed letters and a space", (typed: string) => `${typed.normalize("NFD")} `],
    ])("a name or an email with %s is the one without", async (title, pad) => {
      const id = `${title.length}`;
      const [username, email] = [`josé-${id}`, `jose-${id}@example.org`];
      const input = { ...good, username: pad(username), email: pad(email) };
      expect((await register(input)).codes).toEqual([]);
      const stored = () =>
        app.database
          .selectFrom("users")
          .select(["username", "email", "canonical_username", "canonical_email"])
          .where("canonical_username", "in", [username, `${username}-2`])
          .executeTakeFirst();
      expect(await stored()).toEqual({
        username,
        email,
        canonical_username: username,
        canonical_email: email,
      });
      // Taken, however it is typed.
      expect(rulesOf(await register({ ...input, username }))).toEqual(["username unique"]);

      // The link in the mail is of the email that was meant, and its login is by either spelling.
      const mails = async (text: RegExp) => messagesTo(await readOutbox(app.config.dataDir), email, text);
      const mine = new Client(app);
      const logIn = (name: string, password = good.password) =>
        mine.run(LogInDocument, { username: name, password, mode: "TOKEN" as const });
      const { data, codes } = await logIn(pad(username.toUpperCase()));
      expect(codes).toEqual([]);
      mine.token = data?.login?.token ?? null;
      const token = secretIn(await until(async () => (await mails(/Confirm/))[0]));
      expect((await mine.run(VerifyEmailDocument, { token })).codes).toEqual([]);
      mine.token = null;
      expect((await logIn(pad(email))).codes).toEqual([]);
      // Never a password.
      expect((await logIn(username, `${good.password} `)).codes).toEqual(["INVALID_CREDENTIALS"]);

      const reset = await new Client(app).run(RequestPasswordResetDocument, { email: pad(email) });
      expect(reset.codes).toEqual([]);
      await until(async () => (await mails(/new password/)).length > 0);

      mine.token = (await logIn(username)).data?.login?.token ?? null;
      const renamed = await mine.run(ChangeUsernameDocument, { username: pad(`${username}-2`) });
      expect(renamed.codes).toEqual([]);
      expect(rulesOf(await mine.run(ChangeEmailDocument, { email: pad(email) }))).toEqual([
        "email unchanged",
      ]);
      expect((await stored())?.username).toBe(`${username}-2`);

      const invited = { username: pad(`${username}-3`), email: pad(`3${email}`) };
      const created = await administrator.run(CreateUserDocument, { input: invited });
      expect(created.data?.createUser?.user).toMatchObject({
        username: `${username}-3`,
        email: `3${email}`,
      });
      const updated = await administrator.run(UpdateUserDocument, {
        id: created.data?.createUser?.user?.id ?? "",
        input: { username: pad(`${username}-4`), email: pad(`4${email}`) },
      });
      expect(updated.data?.updateUser?.user).toMatchObject({ username: `${username}-4`, email: `4${email}` });
      const found = await commandLine(["user", "show", pad(`${username}-4`), "--json"]);
      expect(JSON.parse(found.stdout)).toMatchObject({ username: `${username}-4` });
    });
  });

  test("the password by a link", async () => {
    await new Client(app).run(RequestPasswordResetDocument, { email: "somebody@example.org" });
    const inbox = async () =>
      messagesTo(await readOutbox(app.config.dataDir), "somebody@example.org", /new password/);
    const token = secretIn(await until(async () => (await inbox())[0]));
    for (const [newPassword, rule] of passwords)
      expect(rulesOf(await new Client(app).run(ResetPasswordDocument, { token, newPassword }))).toEqual([
        `newPassword ${rule}`,
      ]);
  });

  test.each([
    ["", "required"],
    ["  ", "required"],
    ["e\u0301".repeat(101), "max_length"],
    ["x".repeat(10_000), "max_length"],
    ["a\nb", "characters"],
    ["a\u202eb", "characters"],
    ["a\u200bb", "characters"],
  ])("the name of an access token %j", async (name, rule) => {
    const scopes = ["profile:read"];
    const created = await client.run(CreateAccessTokenDocument, { input: { name, scopes } });
    expect(rulesOf(created)).toEqual([`name ${rule}`]);
  });

  const wrongRoles = ["admin", "users:read", "A B", "\u0410DMIN", "ADMIN\u200b", ""];
  test("the roles", async () => {
    const { username, email, password } = good;
    const input = { username, email, roles: wrongRoles };
    const created = await administrator.run(CreateUserDocument, { input });
    expect(rulesOf(created)).toEqual(wrongRoles.map(() => "roles exists"));
    const create = ["user", "create", "--username", username, "--password-stdin"];
    const made = await commandLine([...create, ...wrongRoles.flatMap((role) => ["--role", role])], password);
    expect(made.stderr.match(/A role must be written in capitals/g)).toHaveLength(wrongRoles.length);
    const granted = await commandLine(["role", "grant", "admin", "users:read"]);
    expect([granted.status, granted.stderr]).toEqual([1, expect.stringContaining("in capitals")]);
  });
});

describe("a name is kept in one form, and everything that looks it up finds it by that form:", () => {
  // Decomposed capitals: every step of the canonical form has something to do.
  const typed = { username: "ANNE\u0301E.O", email: "ANNE\u0301E@EXAMPLE.ORG".replace("E\u0301", "E") };
  const spellings = ["ann\u00e9e.o", "ANN\u00c9E.O", "Anne\u0301e.O", "anne\u0301E.o"];
  const addressSpellings = ["annee@example.org", "Annee@Example.ORG"];
  let annee: User;
  beforeAll(async () => {
    annee = await app.createUser(typed);
  });

  test("it is shown composed, as it was typed, and found in its canonical form", async () => {
    const row = app.database
      .selectFrom("users")
      .select(["username", "canonical_username", "canonical_email"])
      .where("id", "=", annee.id);
    expect(await row.executeTakeFirst()).toEqual({
      username: "ANN\u00c9E.O",
      canonical_username: "ann\u00e9e.o",
      canonical_email: "annee@example.org",
    });
  });

  test("by a login", async () => {
    for (const username of [...spellings, ...addressSpellings]) {
      const { data } = await new Client(app).run(LogInDocument, { username, password: annee.password });
      expect([username, data?.login?.userId]).toEqual([username, annee.id]);
    }
  });

  test("by whoever wants the same name", async () => {
    for (const username of spellings) {
      const { email } = good;
      expect(rulesOf(await register({ ...good, username }))).toEqual(["username unique"]);
      const created = await administrator.run(CreateUserDocument, { input: { username, email } });
      expect(rulesOf(created)).toEqual(["username unique"]);
      expect(rulesOf(await client.run(ChangeUsernameDocument, { username }))).toEqual(["username unique"]);
      const updated = await administrator.run(UpdateUserDocument, { id: user.id, input: { username } });
      expect(rulesOf(updated)).toEqual(["username unique"]);
    }
    for (const email of addressSpellings) {
      const created = await administrator.run(CreateUserDocument, {
        input: { username: good.username, email },
      });
      expect(rulesOf(created)).toEqual(["email unique"]);
      const updated = await administrator.run(UpdateUserDocument, { id: user.id, input: { email } });
      expect(rulesOf(updated)).toEqual(["email unique"]);
    }
  });

  test("by a search, whole or begun", async () => {
    for (const search of [...spellings, ...addressSpellings, "ANNE\u0301", " ann\u00e9e. "]) {
      const { data } = await administrator.run(UsersDocument, { search });
      expect([search, data?.users?.nodes.map(({ id }) => id)]).toEqual([search, [annee.id]]);
    }
  });

  test(
    "by every command",
    async () => {
      const spelling = "anne\u0301E.O";
      for (const command of [
        ["user", "show", spelling],
        ["user", "list", "--search", spelling],
        ["user", "unlock", spelling],
        ["session", "revoke", "--user", spelling],
        ["token", "create", "--user", spelling, "--name", "a script", "--scope", "profile:read"],
      ]) {
        const environment = {
          DATABASE_URL: app.config.databaseUrl ?? "",
          SESSION_SECRET: app.config.sessionSecrets.join(),
        };
        const done = await graphward(command, { environment });
        expect([command[1], done.status, done.stderr]).toEqual([command[1], 0, ""]);
        if (command[1] === "list" && command[0] === "user") expect(done.stdout).toContain(annee.id);
      }
      const set = ["user", "password", "--username", spelling, "--password-stdin"];
      expect(await commandLine(set, annee.password)).toMatchObject({ status: 0 });
    },
    minutes(2),
  );

  test("by what is counted against it: a guess in another spelling is a guess at the same account", async () => {
    const strict = await startApp({
      DATABASE_URL: app.config.databaseUrl ?? "",
      RATE_LIMITS: "login.account=3/15m",
    });
    const guess = (username: string) =>
      new Client(strict).run(LogInDocument, { username, password: "not the right password" });
    const codes: string[] = [];
    for (const username of spellings) codes.push(...(await guess(username)).codes);
    expect(codes).toEqual([...Array(3).fill("INVALID_CREDENTIALS"), "RATE_LIMITED"]);
    await strict.close();
  });

  test("by the mail that an address may get", async () => {
    const strict = await startApp({ RATE_LIMITS: "mail.account=1/1h" });
    await strict.createUser({ email: "frieda@example.org" });
    const ask = (email: string) => new Client(strict).run(RequestPasswordResetDocument, { email });
    for (const email of ["FRIEDA@example.org", "frieda@EXAMPLE.ORG"])
      expect((await ask(email)).codes).toEqual([]);
    await ask("nobody@example.org");
    await until(async () => (await readOutbox(strict.config.dataDir)).length > 0);
    const rows = strict.database
      .selectFrom("rate_limits")
      .select("key")
      .where("key", "like", "mail.account:%");
    expect(await rows.execute()).toHaveLength(2);
    await strict.close();
  });

  test("the name of an access token is kept composed", async () => {
    await createScript(app, user, ["profile:read"], "cafe\u0301");
    const names = app.database.selectFrom("access_tokens").select("name").where("user_id", "=", user.id);
    expect(await names.execute()).toEqual([{ name: "caf\u00e9" }]);
  });
});

describe("the canonical form", () => {
  const text = fc.string({ unit: "binary", maxLength: 80 });
  const words = fc.string({
    unit: fc.constantFrom(..."aZ\u00e9\u0130\u03a3\u03c2\u01f0\u1e9e.-_e\u0301\u030c1\u05d0"),
    maxLength: 12,
  });
  const anyText = fc.oneof(text, words);

  test.each<[string, (typed: string) => string | null]>([
    ["a username", findCanonicalUsername],
    ["an address", findCanonicalEmail],
    ["a password", findCanonicalPassword],
    ["the name of an access token", findCanonicalTokenName],
  ])("of %s is a fixed point: what is in it already stays as it is", (_kind, findCanonical) => {
    const typed = fc.oneof(
      anyText,
      words.map((local) => `${local}@Example.org`),
    );
    fc.assert(
      fc.property(typed, (it) => {
        const canonical = findCanonical(it);
        expect(canonical === null ? null : findCanonical(canonical)).toBe(canonical);
      }),
      { numRuns: manyRuns(1_000) },
    );
  });

  test("of a password is its NFC, whatever it holds, and loses nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 12, maxLength: 100 }), (typed) => {
        if (findPasswordProblem(typed) === null)
          expect(findCanonicalPassword(typed)).toBe(typed.normalize("NFC"));
      }),
      { numRuns: manyRuns(1_000) },
    );
  });

  test("of 128 characters that are typed in four pieces each is found", () => {
    const composed = "\u1f82".repeat(128);
    expect(composed.normalize("NFD")).toHaveLength(512);
    expect(findCanonicalPassword(composed.normalize("NFD"))).toBe(composed);
  });
});

test("how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it", async () => {
  // Tens of thousands of combining marks in a row take `normalize` seconds, in which nobody else is served.
  const marks = `a${"\u0301".repeat(11_000)}${"\u0316".repeat(11_000)}`;
  const normalize = vi.spyOn(String.prototype, "normalize");
  const longest = () => Math.max(...normalize.mock.contexts.map((it) => String(it).length), 0);
  const { username, email, password } = good;
  const asked = [
    () => new Client(app).run(LogInDocument, { username: marks, password }),
    () => new Client(app).run(LogInDocument, { username: `${marks}@example.org`, password }),
    () => new Client(app).run(LogInDocument, { username: user.username, password: marks }),
    () => register({ username: marks, email, password }),
    () => register({ username, email: `${marks}@example.org`, password }),
    () => register({ username, email: `a@${marks}.org`, password }),
    () => register({ username, email, password: marks }),
    () => new Client(app).run(RequestPasswordResetDocument, { email: `${marks}@example.org` }),
    () => client.run(ChangeUsernameDocument, { username: marks }),
    () => client.run(ChangeEmailDocument, { email: `${marks}@example.org` }),
    () => client.run(ChangePasswordDocument, { currentPassword: marks, newPassword: marks }),
    () => client.run(CreateAccessTokenDocument, { input: { name: marks, scopes: ["profile:read"] } }),
    () => administrator.run(CreateUserDocument, { input: { username: marks, email } }),
    () => administrator.run(UpdateUserDocument, { id: user.id, input: { username: marks } }),
    () => client.run(UpdateProfileDocument, { displayName: marks, locale: marks }),
    () => register({ username, email, password, displayName: marks }),
    () => administrator.run(UsersDocument, { search: marks }),
  ];
  const statuses: number[] = [];
  for (const ask of asked) statuses.push((await ask()).status);
  const seen = longest();
  normalize.mockRestore();
  expect(statuses).toEqual(asked.map(() => 200));
  // An address is searched for in whole: 254 characters of eight units at most.
  expect(seen).toBeLessThanOrEqual(254 * 8);
});
