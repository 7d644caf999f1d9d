import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordEvent } from "../../../src/auth/audit/record.ts";
import { createRefusals } from "../../../src/auth/audit/refusals.ts";
import { sealEvents } from "../../../src/auth/audit/trail/sealing.ts";
import { AuditEventType } from "../../../src/entities/audit-event-type.ts";
import { Client, logInAs } from "../../harness/client.ts";
import { countBlockedBy } from "../../harness/database/backends.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { bringForward, jobsOf, send, until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import { beginLogin, codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  CreateAccessTokenDocument,
  DeleteAccountDocument,
  LogInDocument,
  PrivateDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
} from "../../operations/generated/graphql.ts";

const key = randomBytes(32).toString("hex");
let app: AppWithMail;
beforeAll(async () => {
  app = await startWithMail({ AUDIT_KEY: key, TRUST_PROXY: "1" });
});
afterAll(() => app.close());

const person = {
  username: "Canary.Person",
  email: "Canary.Owner@example.org",
  ipAddress: "198.51.100.77",
  userAgent: "the browser of the canary",
  previousUsername: "canary-as-a-child",
  tokenName: "canary's nightly backup",
};
const client = { ipAddress: person.ipAddress, userAgent: person.userAgent };

class ClientOfThePerson extends Client {
  override post<Data>(body: string) {
    return super.post<Data>(body, { "x-forwarded-for": person.ipAddress, "user-agent": person.userAgent });
  }
}

const loggedIn = (user: User, mode: "TOKEN" | "SESSION" | "SESSION_AND_TOKEN" = "TOKEN") =>
  logInAs(app, user, mode);
const remove = (caller: Client) => caller.run(DeleteAccountDocument);
const isThere = async ({ id }: User) =>
  (await app.database.selectFrom("users").select("id").where("id", "=", id).execute()).length === 1;
const eventsOf = async ({ id }: User) =>
  (
    await app.database
      .selectFrom("audit_events")
      .select("type")
      .where("user_id", "=", id)
      .orderBy("id")
      .execute()
  ).map(({ type }) => type);
const mailsTo = (address: string) => messagesTo(app.mail.received, address);

/** Its rows are those of the table that it is a part of. */
const isPartition = sql`exists(select from pg_class
  where oid = format('%I.%I', table_schema, table_name)::regclass and relispartition)`;

/** Names of the tables, of every schema that is not PostgreSQL's own, that have one of the texts in some column. */
const tablesHolding = async (texts: readonly string[]): Promise<string[]> => {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') and not ${isPartition}
    order by 1, 2`.execute(app.database);
  // A bytea is written in hex.
  const patterns = texts.flatMap((text) => [`%${text}%`, `%${Buffer.from(text).toString("hex")}%`]);
  const holding: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await sql`select from ${sql.id(schema, name)} as it
      where it::text ilike any(${patterns}::text[])`.execute(app.database);
    if (rows.length > 0) holding.push(name);
  }
  return holding.sort();
};

/** Tables with a column `user_id` that holds the user's id. */
const tablesReferringTo = async ({ id }: User): Promise<string[]> => {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.columns
    where column_name = 'user_id' and table_schema = 'graphward' and not ${isPartition}`.execute(
    app.database,
  );
  const holding: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } =
      await sql`select from ${sql.id(schema, name)} where user_id = ${id}::uuid limit 1`.execute(
        app.database,
      );
    if (rows.length > 0) holding.push(name);
  }
  return holding.sort();
};

describe("an account that its owner deletes", () => {
  test("leaves nothing personal in any table, once its mail is sent, and the audit trail intact", async () => {
    const user = await app.createUser({ username: person.username, email: person.email });
    const other = await app.createUser();
    const owner = new ClientOfThePerson(app);
    await owner.logIn(user);
    // What waits and what has failed, of every kind that holds something.
    app.mail.refuse = () => "450 4.2.0 later";
    await owner.run(CreateAccessTokenDocument, {
      input: { name: person.tokenName, scopes: ["profile:read"] },
    });
    await owner.run(RequestPasswordResetDocument, { email: person.email });
    await send(app, {
      template: "username-changed",
      userId: user.id,
      previousUsername: person.previousUsername,
    });
    await send(app, {
      template: "new-device",
      userId: user.id,
      device: person.userAgent,
      ipAddress: person.ipAddress,
    });
    await until(async () => (await jobsOf(app.database)).filter(({ last_error }) => last_error).length === 4);
    // What was done by the person, to the person, and by the person to somebody else; sealed already or not yet.
    await new ClientOfThePerson(app).run(LogInDocument, {
      username: person.username,
      password: "not this one",
    });
    await until(async () => (await eventsOf(user)).includes(AuditEventType.LOGIN_FAILED));
    await recordEvent(app.database, {
      type: AuditEventType.USERNAME_CHANGED,
      userId: user.id,
      actorId: other.id,
      client: { ipAddress: "203.0.113.9", userAgent: null },
      personal: { previous: person.previousUsername },
    });
    await sealEvents(app.database, key);
    await recordEvent(app.database, {
      type: AuditEventType.ROLES_CHANGED,
      userId: other.id,
      actorId: user.id,
      client,
    });

    const texts = Object.values(person);
    expect(await tablesHolding(texts)).toEqual([
      "_private_jobs",
      "access_tokens",
      "audit_events",
      "one_time_tokens",
      "sessions",
      "users",
    ]);
    const answer = await remove(owner);
    expect(answer.data?.deleteAccount?.message).toBe("The account is deleted.");
    // Until it is sent, the mail alone knows whom to tell.
    expect(await tablesHolding(texts)).toEqual(["_private_jobs"]);
    expect(await jobsOf(app.database)).toHaveLength(1);

    app.mail.refuse = () => null;
    await until(async () => {
      await bringForward(app.database);
      return (await jobsOf(app.database)).length === 0;
    });
    expect(mailsTo(person.email).map(({ subject }) => subject)).toEqual(["Your account was deleted"]);
    expect(await tablesHolding(texts)).toEqual([]);
    expect((await eventsOf(user)).slice(-2)).toEqual([
      AuditEventType.ACCOUNT_DELETED,
      AuditEventType.PERSON_FORGOTTEN,
    ]);

    await sealEvents(app.database, key);
    const verified = await graphward(["audit", "verify"], {
      on: app,
      environment: { AUDIT_KEY: key },
    });
    expect(verified).toMatchObject({ status: 0, stderr: "" });
  });

  test("leaves no row in any table that refers to users: no factor, trusted browser or pending login", async () => {
    const user = await app.createUser({ email: "enrolled@example.org" });
    const { secret } = await enrolTotp(app, user);
    const owner = await logInWithCode(app, user, codeOf(secret), { trustBrowser: true });
    await app.database
      .insertInto("passkeys")
      .values({
        id: sql<string>`gen_random_uuid()`,
        user_id: user.id,
        credential_id: Buffer.from(user.id),
        public_key: Buffer.from("a key"),
        user_handle: Buffer.from("a handle"),
        backed_up: false,
        backup_eligible: false,
        name: "a key",
      })
      .execute();
    await beginLogin(app, user);
    const before = await tablesReferringTo(user);
    expect(before).toEqual(
      expect.arrayContaining([
        "passkeys",
        "proof_challenges",
        "recovery_codes",
        "sessions",
        "totp_factors",
        "trusted_browsers",
      ]),
    );
    expect((await remove(owner)).data?.deleteAccount?.message).toBe("The account is deleted.");
    // The trail keeps its events, without what is personal.
    expect(await tablesReferringTo(user)).toEqual(["audit_events"]);
  });

  test("is gone at once: every credential is worthless, and the cookie is cleared", async () => {
    const user = await app.createUser();
    const script = await createScript(app, user, ["profile:read"]);
    const elsewhere = await loggedIn(user);
    const caller = await loggedIn(user, "SESSION_AND_TOKEN");
    const captured = new Client(app, { cookies: caller.cookies });
    for (const it of [script.client, elsewhere, captured])
      expect((await it.run(PrivateDocument)).codes).toEqual([]);

    await remove(caller);
    expect([...caller.cookies]).toEqual([]);
    for (const it of [script.client, elsewhere, caller])
      expect((await it.run(PrivateDocument)).status).toBe(401);
    expect((await captured.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    expect((await new Client(app).run(LogInDocument, user)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("is deleted once by two requests at the same moment, and nobody without an address gets a mail", async () => {
    const [told, untold] = [await app.createUser({ email: "twice@example.org" }), await app.createUser()];
    for (const user of [told, untold]) {
      const callers = [await loggedIn(user), await loggedIn(user)];
      const answers = await Promise.all(callers.map(remove));
      expect(answers.filter(({ data }) => data?.deleteAccount)).toHaveLength(1);
      for (const { codes, status } of answers)
        expect([[], ["UNAUTHENTICATED"], ["REAUTHENTICATION_REQUIRED"]]).toContainEqual(
          status === 401 ? [] : codes,
        );
      expect((await eventsOf(user)).filter((type) => type === AuditEventType.ACCOUNT_DELETED)).toHaveLength(
        1,
      );
    }
    await until(async () => (await jobsOf(app.database)).length === 0);
    expect(mailsTo("twice@example.org")).toHaveLength(1);
  });

  test("is told of no more by a refusal that was still waiting to be written", async () => {
    const [user, other] = [await app.createUser(), await app.createUser()];
    await remove(await loggedIn(user));
    const refusals = createRefusals({ database: app.database, onError: () => undefined });
    for (const { id } of [user, other])
      refusals.record({ type: AuditEventType.LOGIN_FAILED, userId: id, actorId: null, client });
    // Nor by what they did on another's account.
    refusals.record({ type: AuditEventType.ACCESS_REFUSED, userId: other.id, actorId: user.id, client });
    await refusals.close();
    expect(await eventsOf(user)).not.toContain(AuditEventType.LOGIN_FAILED);
    expect(await eventsOf(other)).toContain(AuditEventType.LOGIN_FAILED);
    expect(await eventsOf(other)).not.toContain(AuditEventType.ACCESS_REFUSED);
  });
});

describe("an account is not deleted", () => {
  test("by whoever logged in a while ago, by an access token, or by nobody", async () => {
    const user = await app.createUser();
    const script = await createScript(app, user, ["profile:read", "sessions:read", "audit-trail:read"]);
    const caller = await loggedIn(user);
    await app.database
      .updateTable("sessions")
      .set({ authenticated_at: sql<Date>`now() - interval '11 minutes'` })
      .where("user_id", "=", user.id)
      .execute();
    expect((await remove(caller)).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect((await remove(script.client)).codes).toEqual(["FORBIDDEN"]);
    expect((await remove(new Client(app))).codes).toEqual(["UNAUTHENTICATED"]);
    expect(await isThere(user)).toBe(true);
  });

  test("by a thief whose session ends while the request waits", async () => {
    const user = await app.createUser();
    const thief = await loggedIn(user);
    const asked = await app.database.transaction().execute(async (transaction) => {
      await transaction.selectFrom("users").select("id").where("id", "=", user.id).forUpdate().execute();
      const answer = remove(thief);
      await until(async () => (await countBlockedBy(transaction)) === 1);
      await transaction.deleteFrom("sessions").where("user_id", "=", user.id).execute();
      return { answer };
    });
    expect((await asked.answer).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect(await isThere(user)).toBe(true);
  });

  test("when it is the last active administrator's", async () => {
    const last = await app.createUser({ roles: ["ADMIN"] });
    const inactive = await app.createUser({ roles: ["ADMIN"] });
    const set = (user: User, is_active: boolean) =>
      app.database.updateTable("users").set({ is_active }).where("id", "=", user.id).execute();
    await set(inactive, false);
    const caller = await loggedIn(last);
    expect((await remove(caller)).codes).toEqual(["FORBIDDEN"]);
    expect((await caller.run(PrivateDocument)).codes).toEqual([]);
    await set(inactive, true);
    expect((await remove(caller)).codes).toEqual([]);
    expect((await remove(await loggedIn(inactive))).codes).toEqual(["FORBIDDEN"]);
    await app.database.deleteFrom("users").where("id", "=", inactive.id).execute();
  });

  test("by the last two administrators at once: one stays", async () => {
    for (let count = 0; count < 10; count += 1) {
      const pair = [await app.createUser({ roles: ["ADMIN"] }), await app.createUser({ roles: ["ADMIN"] })];
      const callers = await Promise.all(pair.map((user) => loggedIn(user)));
      const answers = await Promise.all(callers.map(remove));
      expect(answers.map(({ codes }) => codes[0] ?? "deleted").sort()).toEqual(["FORBIDDEN", "deleted"]);
      await sql`delete from users where 'ADMIN' = any(roles)`.execute(app.database);
    }
  });

  test("while a table of one's own restricts it: nothing at all is done, and the cause is not told", async () => {
    await sql`create table invoices (user_id uuid not null references users)`.execute(app.database);
    const user = await app.createUser({ email: "kept@example.org" });
    const script = await createScript(app, user, ["profile:read"]);
    await until(async () => (await jobsOf(app.database)).length === 0);
    await sql`insert into invoices values (${user.id})`.execute(app.database);
    const caller = await loggedIn(user, "SESSION_AND_TOKEN");
    const [events, mails] = [await eventsOf(user), app.mail.received.length];

    const answer = await remove(caller);
    expect(answer.codes).toEqual(["INTERNAL_SERVER_ERROR"]);
    expect(answer.text).not.toMatch(/invoices|constraint|foreign/);
    expect(caller.cookies.size).toBe(1);
    for (const it of [caller, script.client]) expect((await it.run(PrivateDocument)).codes).toEqual([]);
    expect(await eventsOf(user)).toEqual(events);
    expect([await jobsOf(app.database), app.mail.received.length]).toEqual([[], mails]);

    await sql`alter table invoices alter user_id drop not null, drop constraint invoices_user_id_fkey,
      add foreign key (user_id) references users on delete set null`.execute(app.database);
    expect((await remove(caller)).codes).toEqual([]);
    expect((await sql`select from invoices where user_id is null`.execute(app.database)).rows).toHaveLength(
      1,
    );
  });
});

test("the username of a deleted account stays reserved, and the table does not tell what it was", async () => {
  const leaver = await app.createUser();
  await remove(await loggedIn(leaver));
  const input = {
    username: leaver.username.toUpperCase(),
    email: "heir@example.org",
    password: "a passphrase of mine",
  };
  const answer = await new Client(app).run(RegisterDocument, { input });
  expect(answer.errors[0]?.extensions.fields).toEqual([
    { field: "username", rule: "unique", message: "This username is taken." },
  ]);
  const rows = await app.database.selectFrom("reserved_usernames").selectAll().execute();
  expect(rows).toContainEqual({
    digest: expect.any(Buffer),
    skeleton_digest: expect.any(Buffer),
    user_id: null,
    reserved_until: expect.any(Date),
  });
  expect(JSON.stringify(rows)).not.toContain(leaver.username);
});
