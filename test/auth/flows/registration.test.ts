import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Client, wholeOf } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type App, type AppWithMail, startApp, startWithMail } from "../../harness/server.ts";
import {
  ExportMyDataDocument,
  LogInDocument,
  PrivateDocument,
  RegisterDocument,
  ResendVerificationDocument,
  VerifyEmailDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());

const password = "a quiet tram at dawn";
const newPerson = () => {
  const username = `person-${randomBytes(5).toString("hex")}`;
  return { username, email: `${username}@example.org`, password };
};
const register = (person: ReturnType<typeof newPerson>, on: App = app) =>
  new Client(on).run(RegisterDocument, { input: person });
const mailTo = (email: string) =>
  until(() => {
    const [first, ...others] = messagesTo(app.mail.received, email);
    return first && ([first, ...others] as const);
  });
const verify = (client: Client, token: string, own?: string) =>
  client.run(VerifyEmailDocument, { token, ...(own !== undefined && { password: own }) });
const emailOf = async (client: Client) => {
  const { data } = await client.run<{ viewer: { email: string | null } | null }, object>(
    "{ viewer { email } }",
  );
  return data?.viewer?.email;
};
const isVerified = async (username: string) => {
  const row = await app.database
    .selectFrom("users")
    .select("email_verified_at")
    .where("username", "=", username)
    .executeTakeFirstOrThrow();
  return row.email_verified_at !== null;
};

/** The statements of the transaction that writes the mail: what jobs and listeners ask meanwhile is asked on other connections. */
const statementsOf = async (act: () => Promise<unknown>): Promise<string[]> => {
  const query = vi.spyOn(pg.Client.prototype, "query");
  await act();
  const { calls, contexts } = query.mock;
  query.mockRestore();
  const texts = calls.map(([it]) => String((it as { text?: string }).text ?? it));
  const writing = contexts[texts.findIndex((text) => text.includes("add_job"))];
  // The statements of an application hold their values.
  const own = texts
    .filter((_, index) => contexts[index] === writing)
    .map((text) => text.replaceAll(/'[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}'/g, "'id'"));
  const first = own.findIndex((text) => text.startsWith("start transaction"));
  return own.slice(first, own.indexOf("commit") + 1);
};

describe("a registration", () => {
  test("makes an account that can log in, and mails the link that proves the address", async () => {
    const person = newPerson();
    expect((await register(person)).data?.register?.message).toMatch(/created/);
    const client = new Client(app);
    await client.logIn(person);
    expect(await emailOf(client)).toBe(person.email);
    const [message] = await mailTo(person.email);
    const token = secretIn(message);
    expect((await verify(client, token)).data?.verifyEmail?.message).toBe("The email is verified.");
    expect(await isVerified(person.username)).toBe(true);
    expect((await verify(client, token)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("with a taken address is answered byte for byte like any other, logs in alike, and tells its owner by mail", async () => {
    const owner = newPerson();
    await register(owner);
    const stranger = { ...newPerson(), email: owner.email.toUpperCase() };
    const fresh = newPerson();
    const [taken, free] = [await register(stranger), await register(fresh)];
    expect(wholeOf(taken)).toEqual(wholeOf(free));
    const told = async () =>
      (await mailTo(owner.email)).filter(({ subject }) => subject === "You already have an account").length;
    await until(async () => (await told()) === 1);
    const seen = async (person: typeof owner) => {
      const client = new Client(app);
      await client.logIn(person);
      const byAddress = await new Client(app).run(LogInDocument, { ...person, username: person.email });
      const resent = await client.run(ResendVerificationDocument);
      const shown = await emailOf(client);
      return { showsTyped: shown === person.email, byAddress: byAddress.codes, resent: resent.text };
    };
    expect(await seen(stranger)).toEqual(await seen(fresh));
    expect(await seen(fresh)).toMatchObject({ showsTyped: true, byAddress: ["INVALID_CREDENTIALS"] });
    // And once more, when the account asked for its link again.
    await until(async () => (await told()) === 2);
    const again = { ...newPerson(), username: stranger.username };
    expect((await register(again)).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("with a taken address makes the same statements, and so does asking for its link again", async () => {
    const owner = newPerson();
    await register(owner);
    const people = [{ ...newPerson(), email: owner.email }, newPerson()] as const;
    const steps: string[][][] = [];
    for (const person of people) {
      const registering = await statementsOf(() => register(person));
      const client = new Client(app);
      await client.logIn(person);
      const asking = await statementsOf(() => client.run(ResendVerificationDocument));
      steps.push([registering, asking]);
    }
    const [taken, free] = steps;
    expect(taken).toEqual(free);
    expect(taken?.map((it) => it.length > 4)).toEqual([true, true]);
  });

  test("with a taken address exports what any other exports: no word of whose the address is", async () => {
    const owner = newPerson();
    await register(owner);
    const exported = async (person: typeof owner) => {
      await register(person);
      const client = new Client(app);
      await client.logIn(person);
      await client.run(ResendVerificationDocument);
      const { data } = await client.run(ExportMyDataDocument);
      return JSON.stringify(data?.exportMyData?.data)
        .replaceAll(person.email, "address")
        .replaceAll(person.username, "username")
        .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "id")
        .replaceAll(/"\d{4}-\d\d-\d\dT[^"]+"/g, "time")
        .replaceAll(/("id":|"endCursor":)"[^"]+"/g, "$1");
    };
    const [taken, free] = [
      await exported({ ...newPerson(), email: owner.email }),
      await exported(newPerson()),
    ];
    expect(taken).toBe(free);
    expect(taken).toContain('"sentTo":"address"');
  });

  test("names every broken rule by its field", async () => {
    const { errors } = await register({ username: "a@b", email: "nowhere", password: "short" });
    const fields = (errors[0]?.extensions.fields ?? []) as { field: string; rule: string }[];
    expect(fields.map(({ field, rule }) => [field, rule])).toEqual([
      ["username", "no_at_sign"],
      ["email", "email"],
      ["password", "min_length"],
    ]);
  });

  test.each([
    ["among the first that are tried", "qwerty123456", "common"],
    ["a common word with digits around it", "123monkey!!4567", "common"],
    ["a common word several times", "dragondragon", "common"],
    ["the username with digits", "MARGUERITE-2024!!", "personal"],
    ["the service's name", "graphward1234", "personal"],
  ])("refuses a password that is %s", async (_what, typed, rule) => {
    const person = { ...newPerson(), username: "marguerite" };
    const { errors } = await register({ ...person, password: typed.toLowerCase() });
    expect(errors[0]?.extensions.fields).toEqual([expect.objectContaining({ field: "password", rule })]);
  });

  test("of fifty at once for one name makes one account, and no answer is a fault", async () => {
    const { username } = newPerson();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => register({ ...newPerson(), username })),
    );
    const outcomes = answers.map(({ codes }) => codes[0] ?? "made");
    expect(outcomes.filter((outcome) => outcome === "made")).toHaveLength(1);
    // A busy machine may ask some to come back: that is an answer, and no account.
    const others = outcomes.filter((outcome) => !["made", "SERVICE_UNAVAILABLE"].includes(outcome));
    expect(new Set(others)).toEqual(new Set(["BAD_USER_INPUT"]));
  });

  test("of ten at once with one address gives the address to one of them", async () => {
    const { email } = newPerson();
    const answers = await Promise.all(Array.from({ length: 10 }, () => register({ ...newPerson(), email })));
    expect(answers.flatMap(({ codes }) => codes)).toEqual([]);
    const rows = await app.database
      .selectFrom("users")
      .select(["email", "pending_email"])
      .where((row) => row.or([row("email", "=", email), row("pending_email", "=", email)]))
      .execute();
    expect(rows.map((row) => row.email === null).sort()).toEqual([false, ...Array(9).fill(true)]);
  });

  test("is refused where registration is closed", async () => {
    const closed = await startApp({ REGISTRATION: "closed" });
    expect((await register(newPerson(), closed)).codes).toEqual(["FORBIDDEN"]);
    await closed.close();
  });
});

describe("a link that proves an address", () => {
  const registered = async () => {
    const person = newPerson();
    await register(person);
    const [message] = await mailTo(person.email);
    return { person, token: secretIn(message) };
  };

  test("blesses nothing by itself: it asks for the account's own login or password", async () => {
    const { person, token } = await registered();
    expect((await verify(new Client(app), token)).codes).toEqual(["UNAUTHENTICATED"]);
    expect((await verify(new Client(app), token, "another password")).codes).toEqual(["INVALID_CREDENTIALS"]);
    const other = new Client(app);
    await other.logIn(await app.createUser());
    expect((await verify(other, token)).codes).toEqual(["UNAUTHENTICATED"]);
    expect(await isVerified(person.username)).toBe(false);
    expect((await verify(new Client(app), token, password)).codes).toEqual([]);
    expect(await isVerified(person.username)).toBe(true);
    expect((await other.run(PrivateDocument)).codes).toEqual([]);
  });

  test("dies when it expires, when the address changes, and is none when made up", async () => {
    const expired = await registered();
    await app.database.updateTable("one_time_tokens").set({ expires_at: new Date() }).execute();
    expect((await verify(new Client(app), expired.token, password)).codes).toEqual(["INVALID_TOKEN"]);
    const moved = await registered();
    await app.database
      .updateTable("users")
      .set({ email: "elsewhere@example.org", canonical_email: "elsewhere@example.org" })
      .where("username", "=", moved.person.username)
      .execute();
    expect((await verify(new Client(app), moved.token, password)).codes).toEqual(["INVALID_TOKEN"]);
    for (const token of ["", "x", moved.token.slice(1), `${moved.token}0`, "A".repeat(43)])
      expect((await verify(new Client(app), token, password)).codes).toEqual(["INVALID_TOKEN"]);
  });
});
