// The effects of each mutation: after a response all of them exist, and there is never only a part.
import { sql } from "kysely";
import { Secret } from "otpauth";
import { v7 as uuidv7 } from "uuid";
import { deriveMailedCode, type MailedCodeKeys } from "../../src/auth/challenges/code-secrets.ts";
import { digestOfBytes } from "../../src/auth/challenges/rows.ts";
import { randomTotpSecret } from "../../src/auth/factors/totp.ts";
import {
  findSendableToken,
  issueOneTimeToken,
  type OneTimeKeys,
  type Purpose,
} from "../../src/auth/secrets/one-time-tokens.ts";
import type { Sealer } from "../../src/auth/secrets/sealed.ts";
import { digest, makeToken, randomSecret } from "../../src/auth/secrets/secret.ts";
import type { Database } from "../../src/database/tables.ts";
import { assert, attest, createKey } from "./sign-in/passkeys.ts";
import { codeOf } from "./sign-in/second-factors.ts";

export const password = "correct horse battery staple";
const nextPassword = "another horse, another battery";

export interface Stage {
  readonly database: Database;
  readonly keys: OneTimeKeys;
  readonly passwordHash: string;
  readonly administrator: { readonly token: string };
  readonly sealer: Sealer;
  readonly codeKeys: MailedCodeKeys;
  /** Where passkeys are used: that of the server's PUBLIC_URL. */
  readonly origin: string;
}

/** One mutation to send. `facts`: its effects, each true after it has succeeded. */
export interface Act {
  readonly token: string | null;
  readonly query: string;
  readonly facts: () => Promise<readonly boolean[]>;
}

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** The acting session's token. */
  readonly token: string;
  readonly sessionId: string;
}

/** By SQL and without hashing, so that a round consists of little but the kill. */
export const addPerson = async (
  { database, passwordHash }: Pick<Stage, "database" | "passwordHash">,
  {
    roles = [],
    isActive = true,
    isVerified = true,
    by,
  }: {
    readonly roles?: readonly string[];
    readonly isActive?: boolean;
    readonly isVerified?: boolean;
    readonly by?: string;
  } = {},
): Promise<Person> => {
  const id = uuidv7();
  const name = `p${id.replaceAll("-", "")}`;
  const email = `${name}@example.org`;
  const token = makeToken("gws_");
  await database
    .insertInto("users")
    .values({
      id,
      username: name,
      canonical_username: name,
      email,
      canonical_email: email,
      email_verified_at: isVerified ? sql<Date>`now()` : null,
      password_hash: passwordHash,
      roles: [...roles],
      is_active: isActive,
    })
    .execute();
  return { id, name, email, token, sessionId: await addSession(database, id, token, by) };
};

const addSession = async (
  database: Database,
  userId: string,
  token: string,
  by?: string,
): Promise<string> => {
  const id = uuidv7();
  const inAnHour = sql<Date>`now() + interval '1 hour'`;
  await database
    .insertInto("sessions")
    .values({
      id,
      user_id: userId,
      token_digest: digest(token),
      idle_expires_at: inAnHour,
      absolute_expires_at: inAnHour,
      actor_session_id: by ?? null,
    })
    .execute();
  return id;
};

const addLink = async (
  { database, keys }: Stage,
  purpose: Purpose,
  { id: userId }: Person,
  sentTo: string,
) => {
  const id = await issueOneTimeToken(database, keys, { purpose, userId, sentTo });
  return (await findSendableToken(database, keys, id))?.secret ?? "";
};

/** Queries for facts in the database. */
const asker = (database: Database) => {
  const exists = async (query: ReturnType<typeof sql<{ found: boolean }>>) =>
    (await query.execute(database)).rows[0]?.found === true;
  return {
    user: (id: string, condition = sql`true`) =>
      exists(sql`select exists (select from users where id = ${id}::uuid and ${condition}) as found`),
    userNamed: (name: string) =>
      exists(sql`select exists (select from users where canonical_username = ${name}) as found`),
    session: (id: string) =>
      exists(sql`select exists (select from sessions where id = ${id}::uuid) as found`),
    renewed: (id: string) =>
      exists(
        sql`select exists (select from sessions where id = ${id}::uuid and authenticated_at > created_at) as found`,
      ),
    sessionsBut: (userId: string, ids: readonly string[]) =>
      exists(
        sql`select exists (select from sessions where user_id = ${userId}::uuid and id <> all(${[...ids]}::uuid[])) as found`,
      ),
    event: (type: string, userId: string) =>
      exists(
        sql`select exists (select from audit_events where type = ${type} and user_id = ${userId}::uuid) as found`,
      ),
    link: (purpose: Purpose, userId: string) =>
      exists(
        sql`select exists (select from one_time_tokens where purpose = ${purpose} and user_id = ${userId}::uuid) as found`,
      ),
    accessToken: (userId: string) =>
      exists(sql`select exists (select from access_tokens where user_id = ${userId}::uuid) as found`),
    totp: (userId: string, condition = sql`confirmed_at is not null`) =>
      exists(
        sql`select exists (select from totp_factors where user_id = ${userId}::uuid and ${condition}) as found`,
      ),
    passkey: (userId: string, condition = sql`true`) =>
      exists(
        sql`select exists (select from passkeys where user_id = ${userId}::uuid and ${condition}) as found`,
      ),
    challenge: (purpose: string, condition: ReturnType<typeof sql>) =>
      exists(
        sql`select exists (select from proof_challenges where purpose = ${purpose} and ${condition}) as found`,
      ),
    identity: (userId: string) =>
      exists(sql`select exists (select from identities where user_id = ${userId}::uuid) as found`),
    recoveryCode: (userId: string) =>
      exists(sql`select exists (select from recovery_codes where user_id = ${userId}::uuid) as found`),
    trustedBrowser: (userId: string) =>
      exists(sql`select exists (select from trusted_browsers where user_id = ${userId}::uuid) as found`),
    factorChanged: (userId: string) =>
      exists(sql`select exists (select from users where id = ${userId}::uuid and factor_epoch > 0) as found`),
    reserved: (name: string) =>
      exists(
        sql`select exists (select from reserved_usernames where digest = sha256(convert_to(${name}, 'UTF8'))) as found`,
      ),
    job: (text: string) =>
      exists(
        sql`select exists (select from graphward_jobs._private_jobs where payload::text like ${`%${text}%`}) as found`,
      ),
  };
};

/** Base32 secrets by user. */
const totpSecrets = new Map<string, string>();
const secretOf = ({ id }: Person): string => totpSecrets.get(id) ?? "";

/** With an authenticator app, which the session has just proven. */
const withTotp =
  ({ isPending = false } = {}) =>
  async ({ database, sealer }: Stage, { id, sessionId }: Person): Promise<void> => {
    const secret = randomTotpSecret();
    totpSecrets.set(id, new Secret({ buffer: new Uint8Array(secret).buffer }).base32);
    const sealed = sealer.seal(secret, id);
    const soon = sql<Date>`now() + interval '10 minutes'`;
    await database
      .insertInto("totp_factors")
      .values({
        user_id: id,
        ...(isPending
          ? { pending_sealed_secret: sealed, pending_until: soon }
          : { sealed_secret: sealed, confirmed_at: sql<Date>`now()` }),
      })
      .execute();
    await database
      .updateTable("sessions")
      .set({ second_factor_at: sql<Date>`now()` })
      .where("id", "=", sessionId)
      .execute();
  };

const addTrustedBrowser = async ({ database }: Stage, { id: userId }: Person): Promise<void> => {
  const id = uuidv7();
  otherIds.set(userId, id);
  await database
    .insertInto("trusted_browsers")
    .values({
      id,
      user_id: userId,
      digest: digest(id),
      generation: 0,
      factor_epoch: 0,
      expires_at: sql<Date>`now() + interval '30 days'`,
    })
    .execute();
};

const addPendingLogin = async ({ database }: Stage, { id: userId }: Person): Promise<string> => {
  const pendingToken = makeToken("gwp_");
  await database
    .insertInto("proof_challenges")
    .values({
      id: uuidv7(),
      purpose: "second-step",
      digest: digest(pendingToken),
      user_id: userId,
      generation: 0,
      first_proof: "PASSWORD",
      wants_token: true,
      passkey_challenge: digestOfBytes(Buffer.from(userId)),
      expires_at: sql<Date>`now() + interval '10 minutes'`,
    })
    .execute();
  return pendingToken;
};

/** A row of what was asked for. `challenge`: what a passkey is to sign. */
const addChallenge = async (
  { database }: Stage,
  {
    id = uuidv7(),
    purpose,
    ...rest
  }: { readonly id?: string; readonly purpose: string } & Readonly<Record<string, unknown>>,
): Promise<void> => {
  const expires = sql<Date>`now() + interval '5 minutes'`;
  await database
    .insertInto("proof_challenges")
    .values({ id, purpose, expires_at: expires, ...rest })
    .execute();
};

/** As an argument in a document, whose keys have no quotes. */
const literalOf = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(" ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, it]) => `${key}: ${literalOf(it)}`)
    .join(" ")} }`;
};

const keysOf = new Map<string, ReturnType<typeof createKey>>();
const keyOf = ({ id }: Person) => {
  const key = keysOf.get(id) ?? createKey(Buffer.from(id).toString("base64url"));
  keysOf.set(id, key);
  return key;
};

/** What the passkey of a person signs: known here, and its digest in the database. */
const challengeOf = ({ id }: Person): Buffer => digest(id);
const ceremonyOf = ({ origin }: Stage, person: Person) => ({
  challenge: challengeOf(person).toString("base64url"),
  rpId: "localhost",
  origin,
});

const addPasskeyRow = async ({ database }: Stage, person: Person): Promise<void> => {
  const id = uuidv7();
  otherIds.set(person.id, id);
  const { credentialId, cose, userHandle } = keyOf(person);
  await database
    .insertInto("passkeys")
    .values({
      id,
      user_id: person.id,
      credential_id: credentialId,
      public_key: cose,
      user_handle: Buffer.from(userHandle, "base64url"),
      backup_eligible: false,
      backed_up: false,
      name: "a key",
    })
    .execute();
  await database
    .updateTable("sessions")
    .set({ second_factor_at: sql<Date>`now()` })
    .where("id", "=", person.sessionId)
    .execute();
};

const all = async (...facts: readonly (boolean | Promise<boolean>)[]) => Promise.all(facts);
const not = async (fact: Promise<boolean>) => !(await fact);

type Prepare = (stage: Stage) => Promise<Act>;

/** A mutation on the viewer's own account. */
const own =
  (
    query: (person: Person) => string,
    facts: (ask: ReturnType<typeof asker>, person: Person) => Promise<readonly boolean[]>,
    prepare: (stage: Stage, person: Person) => Promise<void> = async () => undefined,
  ): Prepare =>
  async (stage) => {
    const person = await addPerson(stage);
    await prepare(stage, person);
    const ask = asker(stage.database);
    return { token: person.token, query: query(person), facts: () => facts(ask, person) };
  };

/** A mutation of an administrator on another user. */
const administered =
  (
    query: (person: Person) => string,
    facts: (ask: ReturnType<typeof asker>, person: Person) => Promise<readonly boolean[]>,
    options: Parameters<typeof addPerson>[1] = {},
  ): Prepare =>
  async (stage) => {
    const person = await addPerson(stage, options);
    const ask = asker(stage.database);
    return { token: stage.administrator.token, query: query(person), facts: () => facts(ask, person) };
  };

/** A mutation with a link from a mail. */
const linked =
  (
    purpose: Purpose,
    query: (secret: string, person: Person) => string,
    facts: (ask: ReturnType<typeof asker>, person: Person) => Promise<readonly boolean[]>,
    sentTo: (person: Person) => string = ({ email }) => email,
    isVerified = true,
  ): Prepare =>
  async (stage) => {
    const person = await addPerson(stage, { isVerified });
    const secret = await addLink(stage, purpose, person, sentTo(person));
    const ask = asker(stage.database);
    return { token: null, query: query(secret, person), facts: () => facts(ask, person) };
  };

const hasNewHash = (hash: string) => sql`password_hash <> ${hash}`;
/** By user: the id of another session or of an access token. */
const otherIds = new Map<string, string>();
const withOtherSession = async ({ database }: Stage, { id }: Person) => {
  otherIds.set(id, await addSession(database, id, makeToken("gws_")));
};
const otherOf = ({ id }: Person) => otherIds.get(id) ?? "";

export const mutations = (hash: string): Readonly<Record<string, Prepare>> => ({
  register: async (stage) => {
    const name = `n${uuidv7().replaceAll("-", "")}`;
    const ask = asker(stage.database);
    const idOf = sql<{ id: string }>`select id from users where canonical_username = ${name}`;
    return {
      token: null,
      query: `register(input: { username: "${name}", email: "${name}@example.org", password: "${password}" }) { message }`,
      facts: async () => {
        const id = (await idOf.execute(stage.database)).rows[0]?.id;
        if (id === undefined) return [false];
        return all(true, ask.event("ACCOUNT_REGISTERED", id), ask.link("verify-address", id));
      },
    };
  },
  verifyEmail: linked(
    "verify-address",
    (secret) => `verifyEmail(token: "${secret}", password: "${password}") { message }`,
    (ask, { id }) =>
      all(
        ask.user(id, sql`email_verified_at is not null`),
        not(ask.link("verify-address", id)),
        ask.event("ACCOUNT_VERIFIED", id),
      ),
    undefined,
    false,
  ),
  resendVerification: async (stage) => {
    const person = await addPerson(stage, { isVerified: false });
    const ask = asker(stage.database);
    return {
      token: person.token,
      query: "resendVerification { message }",
      facts: () => all(ask.link("verify-address", person.id)),
    };
  },
  login: async (stage) => {
    const person = await addPerson(stage);
    const ask = asker(stage.database);
    return {
      token: null,
      query: `login(username: "${person.name}", password: "${password}") { userId }`,
      facts: () =>
        all(ask.sessionsBut(person.id, [person.sessionId]), ask.event("LOGIN_SUCCEEDED", person.id)),
    };
  },
  completeLogin: async (stage) => {
    const person = await addPerson(stage);
    await withTotp()(stage, person);
    const pendingToken = await addPendingLogin(stage, person);
    const ask = asker(stage.database);
    return {
      token: null,
      query: `completeLogin(pendingToken: "${pendingToken}", code: "${codeOf(secretOf(person))}") { userId }`,
      // The code and the pending login may be spent without a session: then the login begins again.
      facts: () =>
        all(ask.sessionsBut(person.id, [person.sessionId]), ask.event("LOGIN_SUCCEEDED", person.id)),
    };
  },
  startTotp: own(
    () => "startTotp { uri }",
    (ask, { id }) => all(ask.totp(id, sql`pending_sealed_secret is not null`)),
  ),
  confirmTotp: own(
    (person) => `confirmTotp(code: "${codeOf(secretOf(person))}") { message }`,
    (ask, { id }) =>
      all(ask.totp(id), ask.recoveryCode(id), ask.factorChanged(id), ask.event("SECOND_FACTOR_ADDED", id)),
    withTotp({ isPending: true }),
  ),
  removeTotp: own(
    () => "removeTotp { message }",
    (ask, { id }) => all(not(ask.totp(id)), ask.factorChanged(id), ask.event("SECOND_FACTOR_REMOVED", id)),
    withTotp(),
  ),
  regenerateRecoveryCodes: own(
    () => "regenerateRecoveryCodes { message }",
    (ask, { id }) => all(ask.recoveryCode(id), ask.event("RECOVERY_CODES_REPLACED", id)),
    withTotp(),
  ),
  startPasskey: own(
    () => "startPasskey { options }",
    (ask, { id }) => all(ask.challenge("add-passkey", sql`user_id = ${id}::uuid`)),
  ),
  addPasskey: async (stage) => {
    const person = await addPerson(stage);
    const { id, sessionId } = person;
    await addChallenge(stage, {
      purpose: "add-passkey",
      user_id: id,
      session_id: sessionId,
      passkey_challenge: digestOfBytes(challengeOf(person)),
      user_handle: Buffer.from(keyOf(person).userHandle, "base64url"),
    });
    const ask = asker(stage.database);
    const made = attest(keyOf(person), ceremonyOf(stage, person));
    // Without "internal", a word that stack traces have too.
    const response = { ...made, response: { ...made.response, transports: [] } };
    return {
      token: person.token,
      query: `addPasskey(response: ${literalOf(response)}) { message }`,
      facts: () =>
        all(
          ask.passkey(id),
          ask.recoveryCode(id),
          ask.factorChanged(id),
          ask.event("SECOND_FACTOR_ADDED", id),
        ),
    };
  },
  renamePasskey: own(
    (person) => `renamePasskey(id: "${otherOf(person)}", name: "another") { message }`,
    (ask, { id }) => all(ask.passkey(id, sql`name = 'another'`)),
    addPasskeyRow,
  ),
  removePasskey: own(
    (person) => `removePasskey(id: "${otherOf(person)}") { message }`,
    (ask, { id }) => all(not(ask.passkey(id)), ask.factorChanged(id), ask.event("SECOND_FACTOR_REMOVED", id)),
    addPasskeyRow,
  ),
  startPasskeyLogin: async () => ({
    token: null,
    query: "startPasskeyLogin { pendingToken }",
    // Its row is nobody's, and nothing but the answer names it.
    facts: () => all(true),
  }),
  loginWithPasskey: async (stage) => {
    const person = await addPerson(stage);
    await addPasskeyRow(stage, person);
    const pendingToken = makeToken("gwp_");
    await addChallenge(stage, {
      purpose: "passkey-login",
      digest: digest(pendingToken),
      passkey_challenge: digestOfBytes(challengeOf(person)),
    });
    const ask = asker(stage.database);
    const response = assert(keyOf(person), ceremonyOf(stage, person));
    return {
      token: null,
      query: `loginWithPasskey(pendingToken: "${pendingToken}", response: ${literalOf(response)}, mode: TOKEN) { userId }`,
      facts: () =>
        all(ask.sessionsBut(person.id, [person.sessionId]), ask.event("LOGIN_SUCCEEDED", person.id)),
    };
  },
  requestLoginCode: async (stage) => {
    const person = await addPerson(stage);
    const ask = asker(stage.database);
    return {
      token: null,
      query: `requestLoginCode(email: "${person.email}") { message }`,
      facts: () => all(ask.challenge("mailed-code", sql`sent_to = ${person.email}`)),
    };
  },
  loginWithCode: async (stage) => {
    const person = await addPerson(stage);
    const id = uuidv7();
    const { pendingToken, code, digest: stored, codeDigest } = deriveMailedCode(stage.codeKeys, id);
    await addChallenge(stage, {
      id,
      purpose: "mailed-code",
      digest: stored,
      code_digest: codeDigest,
      sent_to: person.email,
    });
    const ask = asker(stage.database);
    return {
      token: null,
      query: `loginWithCode(pendingToken: "${pendingToken}", code: "${code}", mode: TOKEN) { userId }`,
      facts: () =>
        all(ask.sessionsBut(person.id, [person.sessionId]), ask.event("LOGIN_SUCCEEDED", person.id)),
    };
  },
  loginWithProviderCode: async (stage) => {
    const person = await addPerson(stage);
    const [code, verifier] = [makeToken("gwc_"), randomSecret()];
    await addChallenge(stage, {
      purpose: "provider-code",
      digest: digest(code),
      code_digest: digest(verifier),
      browser_digest: digest(""),
      user_id: person.id,
      generation: 0,
      first_proof: "PROVIDER",
    });
    const ask = asker(stage.database);
    return {
      token: null,
      query: `loginWithProviderCode(code: "${code}", verifier: "${verifier}") { userId }`,
      facts: () =>
        all(ask.sessionsBut(person.id, [person.sessionId]), ask.event("LOGIN_SUCCEEDED", person.id)),
    };
  },
  unlinkIdentity: own(
    (person) => `unlinkIdentity(id: "${otherOf(person)}") { message }`,
    (ask, { id }) => all(not(ask.identity(id)), ask.event("IDENTITY_UNLINKED", id)),
    async ({ database }, { id: userId }) => {
      const id = uuidv7();
      otherIds.set(userId, id);
      await database
        .insertInto("identities")
        .values({ id, user_id: userId, provider: "example", issuer: "https://id.example", subject: id })
        .execute();
    },
  ),
  unlinkIdentityOf: async (stage) => {
    const person = await addPerson(stage);
    const id = uuidv7();
    const identity = {
      id,
      user_id: person.id,
      provider: "example",
      issuer: "https://id.example",
      subject: id,
    };
    await stage.database.insertInto("identities").values(identity).execute();
    const ask = asker(stage.database);
    return {
      token: stage.administrator.token,
      query: `unlinkIdentityOf(userId: "${person.id}", id: "${id}") { userId }`,
      facts: () =>
        all(
          not(ask.identity(person.id)),
          not(ask.session(person.sessionId)),
          ask.event("IDENTITY_UNLINKED", person.id),
        ),
    };
  },
  startReauthentication: own(
    () => "startReauthentication { methods }",
    // It writes nothing.
    () => all(true),
  ),
  revokeTrustedBrowser: own(
    (person) => `revokeTrustedBrowser(id: "${otherOf(person)}") { message }`,
    (ask, { id }) => all(not(ask.trustedBrowser(id)), ask.event("TRUSTED_BROWSER_REVOKED", id)),
    addTrustedBrowser,
  ),
  revokeTrustedBrowsers: own(
    () => "revokeTrustedBrowsers { count }",
    (ask, { id }) => all(not(ask.trustedBrowser(id)), ask.event("TRUSTED_BROWSER_REVOKED", id)),
    addTrustedBrowser,
  ),
  resetSecondFactors: async (stage) => {
    const person = await addPerson(stage);
    await withTotp()(stage, person);
    const ask = asker(stage.database);
    return {
      token: stage.administrator.token,
      query: `resetSecondFactors(userId: "${person.id}") { userId }`,
      facts: () =>
        all(
          not(ask.totp(person.id)),
          not(ask.session(person.sessionId)),
          ask.event("SECOND_FACTORS_RESET", person.id),
        ),
    };
  },
  logout: own(
    () => "logout { message }",
    (ask, { id, sessionId }) => all(not(ask.session(sessionId)), ask.event("LOGOUT", id)),
  ),
  reauthenticate: own(
    () => `reauthenticate(password: "${password}") { message }`,
    (ask, { id, sessionId }) => all(ask.renewed(sessionId), ask.event("REAUTHENTICATED", id)),
  ),
  changePassword: own(
    () => `changePassword(currentPassword: "${password}", newPassword: "${nextPassword}") { message }`,
    (ask, { id, sessionId }) =>
      all(ask.user(id, hasNewHash(hash)), ask.renewed(sessionId), ask.event("PASSWORD_CHANGED", id)),
  ),
  requestPasswordReset: async (stage) => {
    const person = await addPerson(stage);
    const ask = asker(stage.database);
    return {
      token: null,
      query: `requestPasswordReset(email: "${person.email}") { message }`,
      // A job before the worker has run it, a link after.
      facts: async () => [(await ask.job(person.email)) || (await ask.link("reset-password", person.id))],
    };
  },
  resetPassword: linked(
    "reset-password",
    (secret) => `resetPassword(token: "${secret}", newPassword: "${nextPassword}") { message }`,
    (ask, { id, sessionId }) =>
      all(
        ask.user(id, hasNewHash(hash)),
        not(ask.session(sessionId)),
        not(ask.link("reset-password", id)),
        ask.event("PASSWORD_RESET", id),
      ),
  ),
  changeUsername: own(
    ({ name }) => `changeUsername(username: "x${name}") { user { id } }`,
    (ask, { id, name }) =>
      all(ask.userNamed(`x${name}`), ask.reserved(name), ask.event("USERNAME_CHANGED", id)),
  ),
  changeEmail: own(
    ({ name }) => `changeEmail(email: "x${name}@example.org") { message }`,
    (ask, { id }) => all(ask.link("change-address", id)),
  ),
  confirmEmailChange: linked(
    "change-address",
    (secret) => `confirmEmailChange(token: "${secret}") { message }`,
    (ask, { id, email }) =>
      all(
        ask.user(id, sql`email = ${`x${email}`}`),
        not(ask.link("change-address", id)),
        ask.link("undo-address-change", id),
        ask.event("EMAIL_CHANGED", id),
      ),
    ({ email }) => `x${email}`,
  ),
  undoEmailChange: linked(
    "undo-address-change",
    (secret) => `undoEmailChange(token: "${secret}") { message }`,
    (ask, { id, email, sessionId }) =>
      all(
        ask.user(id, sql`email = ${`old-${email}`} and password_hash is null`),
        not(ask.session(sessionId)),
        not(ask.link("undo-address-change", id)),
        ask.event("EMAIL_CHANGED", id),
      ),
    ({ email }) => `old-${email}`,
  ),
  deleteAccount: own(
    () => "deleteAccount { message }",
    (ask, { id, name, sessionId }) =>
      all(
        not(ask.user(id)),
        not(ask.session(sessionId)),
        ask.reserved(name),
        ask.event("ACCOUNT_DELETED", id),
      ),
  ),
  revokeSession: own(
    (person) => `revokeSession(id: "${otherOf(person)}") { message }`,
    (ask, person) => all(not(ask.session(otherOf(person))), ask.event("SESSION_REVOKED", person.id)),
    withOtherSession,
  ),
  revokeOtherSessions: own(
    () => "revokeOtherSessions { count }",
    (ask, person) => all(not(ask.session(otherOf(person))), ask.event("SESSION_REVOKED", person.id)),
    withOtherSession,
  ),
  logoutEverywhere: own(
    () => "logoutEverywhere { message }",
    (ask, person) => all(not(ask.sessionsBut(person.id, [])), ask.event("SESSION_REVOKED", person.id)),
    withOtherSession,
  ),
  setNewDeviceMail: own(
    () => "setNewDeviceMail(enabled: false) { message }",
    (ask, { id }) => all(ask.user(id, sql`not new_device_mail`), ask.event("NEW_DEVICE_MAIL_CHANGED", id)),
  ),
  updateProfile: own(
    () => 'updateProfile(displayName: "somebody else") { user { id } }',
    (ask, { id }) => all(ask.user(id, sql`display_name is not null`), ask.event("PROFILE_CHANGED", id)),
  ),
  createAccessToken: own(
    () => `createAccessToken(input: { name: "a script", scopes: ["profile:read"] }) { token }`,
    (ask, { id }) => all(ask.accessToken(id), ask.event("ACCESS_TOKEN_CREATED", id)),
  ),
  revokeAccessToken: own(
    (person) => `revokeAccessToken(id: "${otherOf(person)}") { message }`,
    (ask, { id }) => all(not(ask.accessToken(id)), ask.event("ACCESS_TOKEN_REVOKED", id)),
    async ({ database }, { id: userId }) => {
      const id = uuidv7();
      const row = { id, user_id: userId, name: "a script", hint: "gwa_…", scopes: [], digest: digest(id) };
      await database
        .insertInto("access_tokens")
        .values({ ...row, expires_at: sql<Date>`now() + interval '1 day'` })
        .execute();
      otherIds.set(userId, id);
    },
  ),
  reportLeakedToken: async (stage) => {
    const person = await addPerson(stage);
    const ask = asker(stage.database);
    return {
      token: null,
      query: `reportLeakedToken(token: "${person.token}") { message }`,
      facts: () => all(not(ask.session(person.sessionId)), ask.event("SESSION_REVOKED", person.id)),
    };
  },
  createUser: async (stage) => {
    const name = `i${uuidv7().replaceAll("-", "")}`;
    const ask = asker(stage.database);
    const idOf = sql<{ id: string }>`select id from users where canonical_username = ${name}`;
    return {
      token: stage.administrator.token,
      query: `createUser(input: { username: "${name}", email: "${name}@example.org" }) { userId }`,
      facts: async () => {
        const id = (await idOf.execute(stage.database)).rows[0]?.id;
        if (id === undefined) return [false];
        return all(true, ask.event("ACCOUNT_CREATED", id), ask.link("invitation", id));
      },
    };
  },
  updateUser: administered(
    ({ id, name }) => `updateUser(id: "${id}", input: { username: "x${name}" }) { userId }`,
    (ask, { id, name }) =>
      all(ask.userNamed(`x${name}`), ask.reserved(name), ask.event("USERNAME_CHANGED", id)),
  ),
  deactivateUser: administered(
    ({ id }) => `deactivateUser(id: "${id}") { userId }`,
    (ask, { id, sessionId }) =>
      all(
        ask.user(id, sql`not is_active`),
        not(ask.session(sessionId)),
        ask.event("ACCOUNT_DEACTIVATED", id),
      ),
  ),
  reactivateUser: administered(
    ({ id }) => `reactivateUser(id: "${id}") { userId }`,
    (ask, { id }) => all(ask.user(id, sql`is_active`), ask.event("ACCOUNT_REACTIVATED", id)),
    { isActive: false },
  ),
  setRoles: administered(
    ({ id }) => `setRoles(id: "${id}", roles: ["ADMIN"]) { userId }`,
    (ask, { id }) => all(ask.user(id, sql`roles = '{ADMIN}'`), ask.event("ROLES_CHANGED", id)),
  ),
  sendPasswordReset: administered(
    ({ id }) => `sendPasswordReset(id: "${id}") { userId }`,
    (ask, { id }) => all(ask.link("reset-password", id)),
  ),
  revokeSessions: administered(
    ({ id }) => `revokeSessions(userId: "${id}") { userId }`,
    (ask, { id, sessionId }) => all(not(ask.session(sessionId)), ask.event("SESSION_REVOKED", id)),
  ),
  impersonate: async (stage) => {
    const [actor, person] = [await addPerson(stage, { roles: ["ADMIN"] }), await addPerson(stage)];
    const ask = asker(stage.database);
    return {
      token: actor.token,
      query: `impersonate(userId: "${person.id}") { expiresAt }`,
      facts: () =>
        all(ask.sessionsBut(person.id, [person.sessionId]), ask.event("IMPERSONATION_STARTED", person.id)),
    };
  },
  stopImpersonating: async (stage) => {
    const actor = await addPerson(stage, { roles: ["ADMIN"] });
    const acted = await addPerson(stage, { by: actor.sessionId });
    const ask = asker(stage.database);
    return {
      token: acted.token,
      query: "stopImpersonating { message }",
      facts: () => all(not(ask.session(acted.sessionId)), ask.event("IMPERSONATION_STOPPED", acted.id)),
    };
  },
});
