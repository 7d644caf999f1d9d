import { hash } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Client, wholeOf } from "../../harness/client.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { bringForward, readOutbox, until } from "../../harness/mail/mail.ts";
import { type App, startApp, withoutLimits } from "../../harness/server.ts";
import { mailedCodes, nextCode, requestCode } from "../../harness/sign-in/mailed-codes.ts";
import { enrolPasskey } from "../../harness/sign-in/passkeys.ts";
import { beginLogin, codeOf, enrolTotp } from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  EmailCodeMethodDocument,
  LogInDocument,
  LogInWithCodeDocument,
  LogOutDocument,
  PrivateDocument,
  RemovePasskeyDocument,
  RequestLoginCodeDocument,
  SecondFactorsDocument,
  StartTotpDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp({ LOGIN_CODES: "on", SECOND_FACTOR: "ADMIN" });
});
afterAll(() => app.close());

const newEmail = () => `${crypto.randomUUID()}@example.org`;
const newUser = (on = app) => on.createUser({ email: newEmail() });
/** A user whose code has come, and the client that asked for it. */
const asked = async (on = app) => {
  const user = await newUser(on);
  const requested = await requestCode(on, user.email);
  return { user, ...requested, code: await nextCode(on, user.email) };
};
const wrong = "AAAA-AAAA";
const spend = (client: Client, pendingToken: string, code: string, mode?: "SESSION" | "TOKEN") =>
  client.run(LogInWithCodeDocument, { pendingToken, code, ...(mode && { mode }) });
const eventsOf = (userId: string) =>
  app.database.selectFrom("audit_events").select(["type", "details"]).where("user_id", "=", userId).execute();

describe("a mailed code", () => {
  test("logs in with cookie and token, once, and makes the browser a familiar one", async () => {
    const { user, client, pendingToken, code } = await asked();
    expect(code).toMatch(/^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/);
    expect([...client.cookies.keys()]).toEqual(["graphward-pending"]);
    const answer = await spend(client, pendingToken, code);
    expect(answer.data?.loginWithCode).toMatchObject({ userId: user.id, email: user.email, challenge: null });
    expect([...client.cookies.keys()]).toEqual(["graphward"]);
    expect([...client.deviceCookies.keys()]).toEqual(["graphward-device"]);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
    expect((await spend(new Client(app), pendingToken, code, "TOKEN")).codes).toEqual(["INVALID_TOKEN"]);
    expect((await eventsOf(user.id)).map(({ type }) => type)).toEqual(["ACCOUNT_CREATED", "LOGIN_SUCCEEDED"]);
  });

  test.each([
    ["in lower case", (code: string) => code.toLowerCase()],
    ["without the hyphen", (code: string) => code.replace("-", "")],
    ["with spaces", (code: string) => ` ${code.replace("-", "  ")} `],
  ])("is accepted %s", async (_how, typed) => {
    const { client, pendingToken, code } = await asked();
    expect((await spend(client, pendingToken, typed(code))).codes).toEqual([]);
  });

  test("says who asked, and never to give it away, and its link holds token and code in the fragment", async () => {
    const { user, pendingToken, code } = await asked();
    const [mail] = messagesTo(await readOutbox(app.config.dataDir), user.email);
    expect(mail?.text).toMatch(/Device: .+\. IP address: (::1|127\.0\.0\.1|::ffff:127\.0\.0\.1)\./);
    expect(mail?.text).toMatch(/Never give it to anybody/);
    expect(mail?.text).toContain(`/account/login#token=${pendingToken}&code=${code}\n`);
    expect(mail?.subject).not.toContain(code);
    expect(mail?.html).toContain(code);
  });

  test("opens once, however many requests come with it at the same moment", async () => {
    const { user, client, pendingToken, code } = await asked();
    const answers = await spendAtOnce(client, pendingToken, code);
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(1);
    expect(await sessionsOf(user.id)).toBe(1);
  });

  test("ends after five tries, right or wrong, and the count is not passed in parallel", async () => {
    const { client, pendingToken, code } = await asked();
    const answers = await Promise.all(Array.from({ length: 8 }, () => spend(client, pendingToken, wrong)));
    const codes = answers.map((it) => it.codes[0]).sort();
    expect(codes).toEqual([
      ...Array.from({ length: 5 }, () => "INVALID_CREDENTIALS"),
      ...Array.from({ length: 3 }, () => "INVALID_TOKEN"),
    ]);
    expect((await spend(client, pendingToken, code)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("ends after ten minutes", async () => {
    const { client, user, pendingToken, code } = await asked();
    const { left } = await app.database
      .selectFrom("proof_challenges")
      .select(sql<number>`extract(epoch from expires_at - created_at)::int`.as("left"))
      .where("sent_to", "=", user.email)
      .executeTakeFirstOrThrow();
    expect(left).toBe(600);
    await app.database
      .updateTable("proof_challenges")
      .set({ expires_at: sql<Date>`now()` })
      .where("sent_to", "=", user.email)
      .execute();
    expect((await spend(client, pendingToken, code)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("is ended by a newer one of the same email, and opens no other login", async () => {
    const first = await asked();
    const second = await requestCode(app, first.user.email);
    const code = await nextCode(app, first.user.email, { count: 2 });
    expect((await spend(first.client, first.pendingToken, first.code)).codes).toEqual(["INVALID_TOKEN"]);
    expect((await spend(second.client, second.pendingToken, first.code)).codes).toEqual([
      "INVALID_CREDENTIALS",
    ]);
    expect((await spend(second.client, second.pendingToken, code)).codes).toEqual([]);
  });

  test("makes no cookie in another browser than the one that asked, and a token in the app that holds the pending token", async () => {
    const { pendingToken, code } = await asked();
    const other = new Client(app);
    for (const mode of ["SESSION", undefined] as const)
      expect((await spend(other, pendingToken, code, mode)).codes).toEqual(["INVALID_TOKEN"]);
    const elsewhere = (await requestCode(app, newEmail())).client;
    expect((await spend(elsewhere, pendingToken, code, "SESSION")).codes).toEqual(["INVALID_TOKEN"]);
    const inApp = await spend(other, pendingToken, code, "TOKEN");
    expect(inApp.data?.loginWithCode?.token).toMatch(/^gws_/);
    expect([...other.cookies.keys()]).toEqual([]);
  });

  test("ends at a logout of the browser that asked, and when the password is changed", async () => {
    const { user, client, pendingToken, code } = await asked();
    await client.logIn(user);
    await client.run(LogOutDocument);
    client.token = null;
    expect((await spend(client, pendingToken, code, "TOKEN")).codes).toEqual(["INVALID_TOKEN"]);

    const next = await asked();
    const session = new Client(app);
    await session.logIn(next.user);
    await session.run(
      `mutation { changePassword(currentPassword: "${next.user.password}", newPassword: "nine quiet ferries") { token } }`,
    );
    expect((await spend(next.client, next.pendingToken, next.code)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test.each([
    ["proven", {}],
    ["never proven", { email_verified_at: null }],
  ])("does not log in a user who was deactivated after it was sent: %s", async (_which, also) => {
    const { user, client, pendingToken, code } = await asked();
    await app.database
      .updateTable("users")
      .set({ is_active: false, ...also })
      .where("id", "=", user.id)
      .execute();
    expect((await spend(client, pendingToken, code)).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect(await sessionsOf(user.id)).toBe(0);
  });
});

describe("whether an email has an account", () => {
  test("is answered byte for byte alike, but for the token and the time", async () => {
    const user = await newUser();
    const answers = [];
    for (const email of [user.email, newEmail(), user.email.toUpperCase()]) {
      const { text, headers, status } = wholeOf((await requestCode(app, email)).answer);
      const hidden = (it: string) =>
        it.replace(/gwp_\w+|graphward-pending=\w+/g, "secret").replace(/"20\d\d-[^"]+"/, "time");
      answers.push({ status, text: hidden(text), headers: headers.map(([name, it]) => [name, hidden(it)]) });
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test("changes no statement, neither of the request nor of a try", async () => {
    const user = await newUser();
    const steps: string[][][] = [];
    for (const email of [user.email, newEmail()]) {
      const client = new Client(app);
      let pendingToken = "";
      const requesting = await statementsOf(async () => {
        ({ pendingToken } = await requestCode(app, email, client));
      });
      const trying = await statementsOf(() => spend(client, pendingToken, wrong));
      steps.push([requesting, trying]);
    }
    expect(steps[1]).toEqual(steps[0]);
    expect(steps[0]?.map(({ length }) => length)).toEqual([3, 4]);
  });

  test("is not shown by a try: a wrong code has one text for all", async () => {
    const { user, client, pendingToken } = await asked();
    const stranger = await requestCode(app, newEmail());
    const texts = [];
    for (const [from, token] of [
      [client, pendingToken],
      [stranger.client, stranger.pendingToken],
    ] as const)
      for (const code of [wrong, "", "no code at all", "\u{1f512}".repeat(3000)])
        texts.push((await spend(from, token, code)).text);
    expect(new Set(texts).size).toBe(1);
    expect(await sessionsOf(user.id)).toBe(0);
  });

  test("is shown by a mail alone, which no unknown or deactivated email gets", async () => {
    const [unknown, gone, known] = [newEmail(), await newUser(), await newUser()];
    await app.database.updateTable("users").set({ is_active: false }).where("id", "=", gone.id).execute();
    for (const email of [unknown, gone.email, known.email]) await requestCode(app, email);
    await nextCode(app, known.email);
    await until(async () => {
      const { rows } = await sql`select from graphward_jobs._private_jobs`.execute(app.database);
      return rows.length === 0 || undefined;
    });
    expect([await mailedCodes(app, unknown), await mailedCodes(app, gone.email)]).toEqual([[], []]);
  });

  test("a malformed email is refused, as for a reset", async () => {
    const { errors } = await new Client(app).run(RequestLoginCodeDocument, { email: "no email" });
    expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("a malformed, foreign or invented pending token", () => {
  test("has one answer, and another kind of login that waits opens nothing", async () => {
    const { user } = await enrolTotp(app, await newUser());
    const step = await beginLogin(app, user);
    const { client, pendingToken, code } = await asked();
    const answers = [];
    for (const token of ["", "gwp_", `${pendingToken.slice(0, -1)}~`, "x".repeat(5000)])
      answers.push(await spend(client, token, code));
    answers.push(await spend(step.client, step.pendingToken, code));
    answers.push(await client.run(CompleteLoginDocument, { pendingToken, code }));
    const shown = answers.map(({ errors }) => [errors[0]?.extensions, errors[0]?.message]);
    expect(new Set(shown.map((it) => JSON.stringify(it))).size).toBe(1);
    expect(shown[0]?.[0]).toEqual({ code: "INVALID_TOKEN" });
  });
});

describe("a user whose email was never proven", () => {
  /** As after a registration with an email of somebody else. */
  const registered = async () => {
    const user = await newUser();
    const stranger = new Client(app);
    await stranger.logIn(user);
    // Begun while it was proven: pending, and no more.
    await stranger.run(StartTotpDocument);
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    return { user, stranger };
  };

  test("loses password, sessions and pending factors at the first login by mail, and is proven by it", async () => {
    const { user, stranger } = await registered();
    const { client, pendingToken } = await requestCode(app, user.email);
    const code = await nextCode(app, user.email);
    expect((await spend(client, pendingToken, code)).data?.loginWithCode?.userId).toBe(user.id);

    expect((await stranger.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    expect((await new Client(app).run(LogInDocument, user)).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
    const row = await app.database
      .selectFrom("users")
      .select(["password_hash", sql<boolean>`email_verified_at is not null`.as("isProven")])
      .where("id", "=", user.id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ password_hash: null, isProven: true });
    expect(
      await app.database.selectFrom("totp_factors").selectAll().where("user_id", "=", user.id).execute(),
    ).toEqual([]);
    expect(await eventsOf(user.id)).toEqual(
      expect.arrayContaining([
        { type: "ACCOUNT_VERIFIED", details: { reason: "EMAIL_CODE", passwordRemoved: true } },
        { type: "SESSION_REVOKED", details: expect.objectContaining({ reason: "MAILBOX_PROVEN" }) },
      ]),
    );
    await until(
      async () => messagesTo(await readOutbox(app.config.dataDir), user.email, /password was removed/)[0],
    );
  });

  test("loses nothing by a wrong code, and a second login by mail removes nothing more", async () => {
    const { user, stranger } = await registered();
    const first = await requestCode(app, user.email);
    await spend(first.client, first.pendingToken, wrong);
    expect((await stranger.run(PrivateDocument)).codes).toEqual([]);
    await spend(first.client, first.pendingToken, await nextCode(app, user.email));
    const second = await requestCode(app, user.email);
    await spend(second.client, second.pendingToken, await nextCode(app, user.email, { count: 2 }));
    for (const { client } of [first, second]) expect((await client.run(PrivateDocument)).codes).toEqual([]);
  });

  test("is taken over by one of several right codes at the same moment", async () => {
    const { user } = await registered();
    const { client, pendingToken } = await requestCode(app, user.email);
    const code = await nextCode(app, user.email);
    const answers = await spendAtOnce(client, pendingToken, code);
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(1);
    expect(await sessionsOf(user.id)).toBe(1);
  });
});

describe("a second factor", () => {
  test("is asked for after a mailed code, and the mailed code alone makes no session", async () => {
    const user = await newUser();
    const { secret, client: enrolling } = await enrolTotp(app, user);
    await enrolling.run(LogOutDocument);
    const { client, pendingToken } = await requestCode(app, user.email);
    const answer = await spend(client, pendingToken, await nextCode(app, user.email));
    const challenge = answer.data?.loginWithCode?.challenge;
    expect(answer.data?.loginWithCode).toMatchObject({ token: null, userId: null, user: null });
    expect(challenge?.methods).toEqual(["TOTP", "RECOVERY_CODE"]);
    expect(await sessionsOf(user.id)).toBe(0);
    const complete = { pendingToken: challenge?.pendingToken ?? "", code: codeOf(secret) };
    expect((await client.run(CompleteLoginDocument, complete)).data?.completeLogin?.userId).toBe(user.id);
  });

  test("that a role must have and is missing leads into enrolment, and into nothing else", async () => {
    const user = await app.createUser({ email: newEmail(), roles: ["ADMIN"] });
    const { client, pendingToken } = await requestCode(app, user.email);
    expect((await spend(client, pendingToken, await nextCode(app, user.email))).codes).toEqual([]);
    expect((await client.run(PrivateDocument)).codes).toEqual(["SECOND_FACTOR_REQUIRED"]);
    expect((await client.run(SecondFactorsDocument)).data?.secondFactors?.required).toBe(true);
    expect((await client.run(StartTotpDocument)).codes).toEqual([]);
  });

  test("can still be given after a stranger has spent all tries of mailed codes", async () => {
    const limited = await startApp({ LOGIN_CODES: "on", ...withLimit("code.account", 3) });
    try {
      const user = await newUser(limited);
      const { secret, client: enrolled } = await enrolTotp(limited, user);
      const stranger = await requestCode(limited, user.email);
      // Awaited: a code whose tries are spent before its mail was written is not sent.
      await nextCode(limited, user.email);
      const codes = [];
      for (let count = 0; count < 4; count++)
        codes.push(...(await spend(stranger.client, stranger.pendingToken, wrong)).codes);
      expect(codes).toEqual([...Array.from({ length: 3 }, () => "INVALID_CREDENTIALS"), "RATE_LIMITED"]);

      const { client, pendingToken } = await beginLogin(limited, user);
      const complete = { pendingToken, code: codeOf(secret) };
      expect((await client.run(CompleteLoginDocument, complete)).codes).toEqual([]);
      // A familiar browser has tries of its own, also for a mailed code.
      const own = await requestCode(limited, user.email, new Client(limited, enrolled));
      const code = await nextCode(limited, user.email, { count: 2 });
      const answer = await spend(own.client, own.pendingToken, code);
      expect(answer.data?.loginWithCode?.challenge?.methods).toContain("TOTP");
    } finally {
      await limited.close();
    }
  });
});

test("beyond the budget of mails no mail is sent, the answer is the same, and the mailed code stays valid", async () => {
  const limited = await startApp({ LOGIN_CODES: "on", ...withLimit("mail.account", 1) });
  try {
    const { user, client, pendingToken, code } = await asked(limited);
    const second = await requestCode(limited, user.email);
    expect(second.answer.codes).toEqual([]);
    expect((await spend(client, pendingToken, code)).codes).toEqual([]);
    expect(await mailedCodes(limited, user.email)).toHaveLength(1);
  } finally {
    await limited.close();
  }
});

test("LOGIN_CODES=off, as it is without the setting, refuses both operations and says so", async () => {
  const { client, pendingToken, code } = await asked();
  const off = await startApp({
    DATABASE_URL: app.config.databaseUrl ?? "",
    SESSION_SECRET: app.config.sessionSecrets.join(),
  });
  try {
    const there = new Client(off, client);
    expect((await there.run(RequestLoginCodeDocument, { email: newEmail() })).codes).toEqual(["FORBIDDEN"]);
    expect((await spend(there, pendingToken, code)).codes).toEqual(["FORBIDDEN"]);
    expect((await there.run(EmailCodeMethodDocument)).data?.loginMethods?.emailCode).toBe(false);
  } finally {
    await off.close();
  }
  expect((await new Client(app).run(EmailCodeMethodDocument)).data?.loginMethods?.emailCode).toBe(true);
});

test("a copy of the database reveals neither the token nor the code", async () => {
  const { user, pendingToken, code } = await asked();
  const { rows } = await sql<{ stored: string }>`
    select (select json_agg(c) from graphward.proof_challenges c where sent_to = ${user.email})::text
      || coalesce((select json_agg(j) from graphward_jobs._private_jobs j)::text, '') as stored`.execute(
    app.database,
  );
  const stored = rows[0]?.stored ?? "";
  expect(stored).toContain(user.email);
  const plain = code.replace("-", "");
  for (const secret of [pendingToken, pendingToken.slice(4, 47), code, plain]) {
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(Buffer.from(secret).toString("hex"));
    if (secret !== pendingToken) expect(stored).not.toContain(hash("sha256", secret, "hex"));
  }
});

describe("SESSION_SECRET is rotated while a code is under way:", () => {
  const [old, next] = [
    "an old secret of forty characters or so.",
    "a new secret, which is as long as the old",
  ];
  const open = (secrets: string, environment: NodeJS.ProcessEnv) =>
    startApp({ LOGIN_CODES: "on", SESSION_SECRET: secrets, ...environment });

  test("the code holds while the old secret is listed, is mailed by the server with both, and is worth nothing once it is gone", async () => {
    // Its mail goes nowhere.
    const before = await open(old, { SMTP_URL: "smtp://127.0.0.1:1", MAIL_FROM: "service@example.org" });
    const shared = { DATABASE_URL: before.config.databaseUrl ?? "" };
    const both = await open(`${next},${old}`, shared);
    const after = await open(next, shared);
    try {
      const user = await newUser(before);
      const { client, pendingToken } = await requestCode(before, user.email);
      const code = await until(async () => {
        await bringForward(before.database);
        return (await mailedCodes(both, user.email))[0];
      });
      expect((await spend(new Client(after, client), pendingToken, code)).codes).toEqual([
        "INVALID_CREDENTIALS",
      ]);
      expect((await spend(new Client(both, client), pendingToken, code)).codes).toEqual([]);
    } finally {
      for (const server of [after, both, before]) await server.close();
    }
  });
});

/** Three beside the other budgets of tests, which are out of the way. */
function withLimit(name: string, points: number) {
  return { RATE_LIMITS: `${withoutLimits},${name}=${points}/15m` };
}

/** Four right codes, of which none is judged before all have counted a try. */
const spendAtOnce = async (client: Client, pendingToken: string, code: string) => {
  // Makes the row of the budget, for which the others then wait.
  await spend(client, pendingToken, wrong);
  return app.database
    .transaction()
    .execute(async (transaction) => {
      const rows = sql`select from graphward.rate_limits where starts_with(key, 'code.account:') for update`;
      await rows.execute(transaction);
      const answering = Promise.all(
        Array.from({ length: 4 }, () => spend(client, pendingToken, code, "TOKEN")),
      );
      await untilBlocked(app, 4);
      return { answering };
    })
    .then(({ answering }) => answering);
};

const sessionsOf = async (userId: string) =>
  (await app.database.selectFrom("sessions").select("id").where("user_id", "=", userId).execute()).length;

/** On all connections, but not of the mail worker's queue. */
const statementsOf = async (act: () => Promise<unknown>): Promise<string[]> => {
  const query = vi.spyOn(pg.Client.prototype, "query");
  await act();
  const texts = query.mock.calls.map(([it]) => String((it as { text?: string }).text ?? it));
  query.mockRestore();
  // Beside it, the mail worker and the recording of refusals ask on their own.
  return texts.filter(
    (text) =>
      /rate_limits|proof_challenges|"users"/.test(text) &&
      !/for key share|"isVerified"|select "id", "purpose"/.test(text),
  );
};

test("a code that a browser asked for is of no use elsewhere, not even to an app with the whole mail", async () => {
  const user = await newUser();
  const asking = await new Client(app).post<{ requestLoginCode: { pendingToken: string } }>(
    JSON.stringify({ query: `mutation { requestLoginCode(email: "${user.email}") { pendingToken } }` }),
    { origin: app.origin },
  );
  const pendingToken = asking.data?.requestLoginCode.pendingToken ?? "";
  const code = await nextCode(app, user.email);
  expect((await spend(new Client(app), pendingToken, code, "TOKEN")).codes).toEqual(["INVALID_TOKEN"]);
});

test("a mailbox is a way in: a user without a password may remove the last passkey, unless the email is unproven", async () => {
  const { client, user, id } = await enrolPasskey(app, await newUser());
  const set = (columns: object) =>
    app.database.updateTable("users").set(columns).where("id", "=", user.id).execute();
  await set({ password_hash: null, email_verified_at: null });
  expect((await client.run(RemovePasskeyDocument, { id })).codes).toEqual(["BAD_USER_INPUT"]);
  await set({ email_verified_at: new Date() });
  expect((await client.run(RemovePasskeyDocument, { id })).codes).toEqual([]);
});
