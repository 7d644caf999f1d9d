import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordEvent } from "../../../src/auth/audit/record.ts";
import { sealEvents } from "../../../src/auth/audit/trail/sealing.ts";
import { reserveUsername } from "../../../src/auth/users/reserved-usernames.ts";
import { AuditEventType } from "../../../src/entities/audit-event-type.ts";
import { Client } from "../../harness/client.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import { beginLogin, codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  AuditEventsDocument,
  DeleteAccountDocument,
  ExportMyDataDocument,
  ImpersonateDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let user: User & { email: string };
let owner: Client;
let stranger: User;
let impersonator: User;
const factorSecrets: string[] = [];
let answer: string;
let data: Exported;

interface Exported {
  readonly account: Row;
  readonly sessions: readonly Row[];
  readonly knownDevices: readonly Row[];
  readonly accessTokens: readonly Row[];
  readonly links: readonly Row[];
  readonly reservedUsernames: readonly Row[];
  readonly identities: readonly Row[];
  readonly secondFactors: { readonly totp: Row; readonly recoveryCodes: Row };
  readonly passkeys: readonly Row[];
  readonly trustedBrowsers: readonly Row[];
  readonly pendingProofs: readonly Row[];
  readonly auditEvents: {
    readonly events: readonly Row[];
    readonly hasNextPage: boolean;
    readonly endCursor: string | null;
  };
}
type Row = Readonly<Record<string, unknown>>;

const exportOf = async (client: Client): Promise<{ readonly text: string; readonly data: Exported }> => {
  const { data, text } = await client.run(ExportMyDataDocument);
  return { text, data: data?.exportMyData?.data as unknown as Exported };
};

/** A row of everything, of the person and of somebody else. */
beforeAll(async () => {
  app = await startApp();
  stranger = await app.createUser({ username: "the-stranger", email: "stranger@example.org" });
  user = { ...(await app.createUser({ email: "owner@example.org" })), email: "owner@example.org" };
  for (const it of [stranger, user]) {
    await reserveUsername(app.database, { username: `once-${it.username}`, userId: it.id });
    await createScript(app, it, ["profile:read"], `the script of ${it.username}`);
    await app.database
      .insertInto("one_time_tokens")
      .values({
        id: sql<string>`gen_random_uuid()`,
        purpose: "verify-address",
        digest: Buffer.from(`digest ${it.id}`),
        user_id: it.id,
        sent_to: it.email ?? "",
        expires_at: sql<Date>`now() + interval '1 hour'`,
      })
      .execute();
  }
  for (const it of [stranger, user]) {
    const { secret, recoveryCodes } = await enrolTotp(app, it);
    await addPasskey(it);
    await addIdentity(it);
    owner = await logInWithCode(app, it, codeOf(secret), { trustBrowser: true });
    const { pendingToken } = await beginLogin(app, it);
    factorSecrets.push(secret, ...recoveryCodes, pendingToken);
  }
  await actAs(await app.createUser({ roles: ["ADMIN"] }), user);
  await between(stranger, user);
  await between(user, stranger);
  await sealEvents(app.database, app.config.auditKeys[0] ?? "");
  ({ text: answer, data } = await exportOf(owner));
});
afterAll(() => app.close());

const addPasskey = ({ id, username }: User) =>
  app.database
    .insertInto("passkeys")
    .values({
      id: sql<string>`gen_random_uuid()`,
      user_id: id,
      credential_id: Buffer.from(`credential ${id}`),
      public_key: Buffer.from(`public key ${id}`),
      user_handle: Buffer.from(`handle ${id}`),
      transports: ["internal"],
      backed_up: true,
      backup_eligible: true,
      name: `the passkey of ${username}`,
    })
    .execute();

const addIdentity = ({ id, email }: User) =>
  app.database
    .insertInto("identities")
    .values({
      id: sql<string>`gen_random_uuid()`,
      user_id: id,
      provider: "honest",
      issuer: "https://id.example",
      subject: `subject ${id}`,
      email: email,
    })
    .execute();

const actAs = async (actor: User, other: User) => {
  const client = new Client(app);
  await client.logIn(actor, "TOKEN");
  await client.run(ImpersonateDocument, { userId: other.id });
  await app.database
    .updateTable("sessions")
    .set({ user_agent: `device of ${actor.id}` })
    .where("actor_session_id", "is not", null)
    .execute();
  impersonator = actor;
};

const between = (actor: User, owner: User) =>
  recordEvent(app.database, {
    type: AuditEventType.USERNAME_CHANGED,
    userId: owner.id,
    actorId: actor.id,
    client: { ipAddress: `address of ${actor.id}`, userAgent: `device of ${actor.id}` },
    personal: { previous: `old name of ${owner.id}` },
  });

/** Which section shows a table's rows. A table that is neither here nor explained below fails the tests. */
const rowsOf: Readonly<Record<string, () => readonly Row[]>> = {
  users: () => [data.account],
  sessions: () => data.sessions,
  known_devices: () => data.knownDevices,
  access_tokens: () => data.accessTokens,
  one_time_tokens: () => data.links,
  reserved_usernames: () => data.reservedUsernames,
  totp_factors: () => [data.secondFactors.totp],
  recovery_codes: () => [data.secondFactors.recoveryCodes],
  passkeys: () => data.passkeys,
  trusted_browsers: () => data.trustedBrowsers,
  proof_challenges: () => data.pendingProofs,
  identities: () => data.identities,
  audit_events: () => data.auditEvents.events,
};
const explainedTables: Readonly<Record<string, string>> = {
  provider_logins: "a login on its way to a provider and back, for ten minutes at most",
  role_members: "an index of the roles in users, which a trigger writes",
};

/** Columns that stay inside, and why. */
const explainedColumns: Readonly<Record<string, string>> = {
  "users.canonical_username": "made from the username",
  "users.username_skeleton": "made from the username",
  "users.canonical_email": "made from the address",
  "users.pending_email": "shown as email: whether the address is somebody else's is not told",
  "users.password_hash": "a secret could be guessed with it",
  "users.device_generation": "counts how often devices were forgotten",
  "users.factor_epoch": "counts how often factors changed",
  "totp_factors.user_id": "the account's id",
  "totp_factors.sealed_secret": "a secret",
  "totp_factors.pending_sealed_secret": "a secret",
  "totp_factors.last_step": "the half minute of lastUsedAt",
  "recovery_codes.user_id": "the account's id",
  "recovery_codes.digest": "a secret's",
  "passkeys.user_id": "the account's id",
  "passkeys.public_key": "key material",
  "passkeys.user_handle": "random, and only the passkey can use it",
  "trusted_browsers.user_id": "the account's id",
  "trusted_browsers.digest": "a secret's",
  "trusted_browsers.generation": "of users.device_generation",
  "trusted_browsers.factor_epoch": "of users.factor_epoch",
  "identities.user_id": "the account's id",
  "proof_challenges.user_id": "the account's id",
  "proof_challenges.digest": "a secret's",
  "proof_challenges.browser_digest": "a secret's",
  "proof_challenges.generation": "of users.device_generation",
  "proof_challenges.passkey_challenge": "a secret's",
  "proof_challenges.user_handle": "random, and only the passkey can use it",
  "proof_challenges.code_digest": "a secret's",
  "sessions.user_id": "the account's id",
  "sessions.actor_session_id": "shown as impersonatedBy",
  "sessions.cookie_digest": "shown as hasCookie",
  "sessions.token_digest": "shown as hasToken",
  "known_devices.user_id": "the account's id",
  "known_devices.digest": "only the server can compare it",
  "access_tokens.user_id": "the account's id",
  "access_tokens.digest": "a secret's",
  "reserved_usernames.user_id": "the account's id",
  "reserved_usernames.digest": "of a name that is not stored",
  "reserved_usernames.skeleton_digest": "of a name that is not stored",
  "one_time_tokens.user_id": "the account's id",
  "one_time_tokens.digest": "a secret's",
  "audit_events.request_id": "leads into the operator's log",
  "audit_events.window_key": "a digest that keeps refusals from repeating",
  "audit_events.sequence": "a place in the chain",
  "audit_events.sealed_at": "of the chain",
  "audit_events.mac": "of the chain",
  "audit_events.client_salt": "of the chain",
  "audit_events.client_commitment": "of the chain",
  "audit_events.personal_salt": "of the chain",
  "audit_events.personal_commitment": "of the chain",
};

describe("the export is complete:", () => {
  test("every table that refers to users is in it, or it is explained why not", async () => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.columns
      where column_name = 'user_id' and table_schema = 'graphward'
        and not (select relispartition from pg_class where oid = to_regclass(format('graphward.%I', table_name)))
      union select relname::text from pg_constraint join pg_class on pg_class.oid = conrelid
        where confrelid = 'graphward.users'::regclass and relnamespace = 'graphward'::regnamespace and not relispartition
      union select 'users' order by 1`.execute(app.database);
    const known = [...Object.keys(rowsOf), ...Object.keys(explainedTables)];
    expect(rows.map(({ name }) => name)).toEqual(known.sort());
  });

  test.each(Object.keys(rowsOf))("every column of %s is in it, or it is explained why not", async (table) => {
    const { rows } = await sql<{ name: string }>`select column_name as name from information_schema.columns
      where table_schema = 'graphward' and table_name = ${table}`.execute(app.database);
    const shown = rows.map(({ name }) => name).filter((name) => !(`${table}.${name}` in explainedColumns));
    const [row] = rowsOf[table]?.() ?? [];
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(shown.map(camelCase)));
  });

  test("no explanation is of something that is not there any more", async () => {
    const { rows } = await sql<{ name: string }>`select table_name || '.' || column_name as name
      from information_schema.columns where table_schema = 'graphward'`.execute(app.database);
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(explainedColumns)));
  });
});

const camelCase = (name: string): string => name.replace(/_(.)/g, (_match, letter) => letter.toUpperCase());

describe("the export", () => {
  test("has what is kept, and of nobody else", () => {
    expect(data.account).toMatchObject({ id: user.id, username: user.username, email: user.email });
    expect(data.sessions).toContainEqual(expect.objectContaining({ hasCookie: true, hasToken: true }));
    expect(data.accessTokens).toMatchObject([{ name: `the script of ${user.username}` }]);
    expect(data.links).toMatchObject([{ purpose: "verify-address", sentTo: user.email }]);
    expect(data.identities).toMatchObject([{ provider: "honest", subject: `subject ${user.id}` }]);
    expect(data.secondFactors).toMatchObject({
      totp: { confirmedAt: expect.any(String), lastUsedAt: expect.any(String), pendingUntil: null },
      recoveryCodes: { left: 10, createdAt: expect.any(String) },
    });
    const credentialId = Buffer.from(`credential ${user.id}`).toString("base64url");
    expect(data.passkeys).toMatchObject([{ name: `the passkey of ${user.username}`, credentialId }]);
    expect(data.trustedBrowsers).toHaveLength(1);
    expect(data.pendingProofs).toMatchObject([{ purpose: "second-step", firstProof: "PASSWORD", tries: 0 }]);
    expect(data.sessions).toContainEqual(expect.objectContaining({ secondFactorAt: expect.any(String) }));
    for (const foreign of [
      stranger.username,
      stranger.email,
      `old name of ${stranger.id}`,
      `of ${stranger.id}`,
    ])
      expect(answer).not.toContain(foreign);
    // The half of what happened between two people that is the user's own.
    for (const own of [`old name of ${user.id}`, `address of ${user.id}`, `device of ${user.id}`])
      expect(answer).toContain(own);
  });

  test("tells of whoever acts as the person by id alone", () => {
    const [acting] = data.sessions.filter(({ impersonatedBy }) => impersonatedBy !== null);
    expect(acting).toMatchObject({ impersonatedBy: impersonator.id, userAgent: null, ipAddress: null });
    expect(answer).not.toContain(`device of ${impersonator.id}`);
  });

  test("has no secret and no digest of one", async () => {
    const secrets = await sql<{ secret: Buffer | string }>`
      select convert_to(password_hash, 'UTF8') as secret from users
      union all select cookie_digest from sessions union all select token_digest from sessions
      union all select digest from known_devices union all select digest from access_tokens union all select digest from one_time_tokens
      union all select sealed_secret from totp_factors union all select digest from recovery_codes
      union all select public_key from passkeys union all select user_handle from passkeys
      union all select digest from trusted_browsers union all select digest from proof_challenges
      union all select browser_digest from proof_challenges union all select passkey_challenge from proof_challenges`.execute(
      app.database,
    );
    const bytes = secrets.rows.map(({ secret }) => Buffer.from(secret ?? "never in it"));
    expect(bytes.length).toBeGreaterThan(10);
    for (const secret of bytes)
      for (const encoding of ["utf8", "hex", "base64", "base64url"] as const)
        expect(answer).not.toContain(secret.toString(encoding));
    const cookies = [...owner.cookies.values(), ...owner.deviceCookies.values()];
    expect(factorSecrets).toHaveLength(24);
    for (const secret of [
      user.password,
      owner.token ?? "",
      ...cookies,
      ...factorSecrets,
      "$argon2",
      "Buffer",
    ])
      expect(answer).not.toContain(secret);
  });

  test("is recorded, for its owner to see", async () => {
    const { data: page } = await owner.run(AuditEventsDocument, { type: "DATA_EXPORTED" });
    expect(page?.auditEvents?.nodes).toMatchObject([
      { userId: user.id, actorId: user.id, sessionId: expect.anything() },
    ]);
  });

  test("of a long trail ends, and says where it goes on", async () => {
    const busy = await app.createUser();
    await sql`insert into audit_events (type, user_id) select 'LOGOUT', ${busy.id}::uuid from generate_series(1, 10005)`.execute(
      app.database,
    );
    const client = new Client(app);
    await client.logIn(busy, "TOKEN");
    const { auditEvents } = (await exportOf(client)).data;
    expect([auditEvents.events.length, auditEvents.hasNextPage]).toEqual([10_000, true]);
    const { data: rest } = await client.run(AuditEventsDocument, {
      first: 100,
      after: auditEvents.endCursor,
    });
    // With the account's making, its login and the export itself.
    expect(rest?.auditEvents?.nodes).toHaveLength(8);
    expect(rest?.auditEvents?.pageInfo.hasNextPage).toBe(false);
  });

  test("is refused to whoever logged in a while ago, to an access token, and to nobody", async () => {
    const late = await app.createUser();
    const { id } = late;
    const script = await createScript(app, late, ["profile:read", "sessions:read", "audit-trail:read"]);
    const client = new Client(app);
    await client.logIn(late, "TOKEN");
    await app.database
      .updateTable("sessions")
      .set({ authenticated_at: sql<Date>`now() - interval '11 minutes'` })
      .where("user_id", "=", id)
      .execute();
    expect((await client.run(ExportMyDataDocument)).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect((await script.client.run(ExportMyDataDocument)).codes).toEqual(["FORBIDDEN"]);
    expect((await new Client(app).run(ExportMyDataDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  });

  test("records nothing about an account that is deleted at the same moment", async () => {
    for (let count = 0; count < 5; count += 1) {
      const leaving = await app.createUser();
      const clients = [new Client(app), new Client(app)] as const;
      for (const client of clients) await client.logIn(leaving, "TOKEN");
      await Promise.all([clients[0].run(ExportMyDataDocument), clients[1].run(DeleteAccountDocument)]);
      const { rows } = await sql`select from audit_events
        where user_id = ${leaving.id}::uuid and actor_id is not null and ip_address is not null`.execute(
        app.database,
      );
      expect(rows).toEqual([]);
    }
  });
});
