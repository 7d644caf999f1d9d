// Starts a session: create the secrets, insert the row, then set the cookie. The gate of second factors stands in the insert.
import { randomBytes } from "node:crypto";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { sql, type UpdateQueryBuilder, type UpdateResult } from "kysely";
import { runPrepared } from "../../database/run-prepared.ts";
import type { Database, Tables } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { eventColumns, selectEvent } from "../audit/record.ts";
import { type DeviceKeys, rememberDevice } from "../browsers/known-devices.ts";
import type { SecretCookie } from "../browsers/secret-cookie.ts";
import { type FirstProof, insertSecondStep, type WantedCredentials } from "../challenges/rows.ts";
import { hasProofOfOurs, type ProofMethod } from "../factors/enrolled.ts";
import { touchTrustedBrowser, trustedSince } from "../factors/trusted-browsers.ts";
import { offeredMethods, offerPasskeys } from "../passkeys/offer.ts";
import type { RelyingParty } from "../passkeys/relying-party.ts";
import { makeToken, randomSecret } from "../secrets/secret.ts";
import { type Client, type Exchange, noClient } from "../viewer/client.ts";
import { hasSecondFactor } from "../viewer/second-factor.ts";
import { userColumns } from "../viewer/viewer.ts";
import type { SessionCookies } from "./cookie.ts";
import { endSessionsOf, makeRoomForSession } from "./ends.ts";
import { lifetimesOf, maxSessionsPerUser, type SessionLifetimes } from "./lifetimes.ts";
import { countSessions, newSession, newSessionColumns } from "./rows.ts";

/** The part of a request's context that sessions need. */
export interface SessionContext {
  readonly services: {
    readonly database: Database;
    readonly sessionCookies: SessionCookies;
    readonly pendingCookie: SecretCookie;
    readonly trustedBrowserCookie: SecretCookie;
    readonly viewers: { forget(...userIds: readonly string[]): void };
    readonly deviceKeys: DeviceKeys;
    readonly lifetimes: SessionLifetimes;
    readonly relyingParty: RelyingParty | null;
  };
  readonly client: Client;
  readonly exchange: Exchange;
}

/** A user who has proven to be the user: by one proof, or by a second factor too. */
export interface ProvenUser {
  readonly userId: string;
  /** The generation of the checked credentials: every change of the password increments it. */
  readonly generation: number;
  /** `SECOND_FACTOR`: nothing more is asked for. */
  readonly proven: FirstProof | "SECOND_FACTOR";
  /** When. Null: a provider does not say, and nobody knows how long ago. */
  readonly provenAt: Date | "now" | null;
}

/** A statement of the caller's within the one that inserts the session: what a right proof had spent is refunded. */
export type Alongside = (
  query: Pick<Database, "updateTable">,
) => UpdateQueryBuilder<Tables, "rate_limits", "rate_limits", UpdateResult>;

/** One more proof is asked for, and there is no session yet. */
export interface LoginChallenge {
  readonly pendingToken: string;
  readonly methods: readonly ProofMethod[];
  /** Null without a passkey. Of what it signs, only the digest is stored. */
  readonly passkeyOptions: PublicKeyCredentialRequestOptionsJSON | null;
  readonly expiresAt: Date;
}

/**
 * The only way to a session of one's own, whatever was proven. A user with a second factor who has not proven it gets a challenge
 * instead, unless the browser is trusted. Returns null, and sends no credential, when the user was deactivated or the credentials
 * changed while we were checking. If a cookie is set, the session of the request's old cookie ends. `refund` is made by the same
 * statement, whether a session starts or not.
 */
export async function startSession(
  context: SessionContext,
  user: ProvenUser,
  wanted: WantedCredentials,
  refund?: Alongside | undefined,
) {
  const login = await startProvenSession(context, user, wanted, refund);
  if (login !== null) return { login, challenge: null };
  const challenge = await startSecondStep(context, user, wanted);
  return challenge === null ? null : { login: null, challenge };
}

const startProvenSession = async (
  context: SessionContext,
  user: ProvenUser,
  { wantsCookie, wantsToken }: WantedCredentials,
  refund: Alongside | undefined,
) => {
  const { database, sessionCookies, viewers, lifetimes } = context.services;
  const cookieSecret = wantsCookie ? randomSecret() : null;
  const token = wantsToken ? makeToken("gws_") : null;

  const started = await insertSession(context, user, { cookieSecret, token }, refund);
  if (started === null) return null;
  if (cookieSecret !== null) {
    await endReplacedSession(context);
    const lifetime = lifetimesOf(lifetimes, { hasToken: wantsToken }).absolute;
    await sessionCookies.setCookie(context.exchange, cookieSecret, lifetime);
  }

  const { others, ...login } = started;
  // Concurrent logins do not see each other; far below the maximum, that does not matter.
  if (others >= maxSessionsPerUser / 2) {
    await makeRoomForSession(database, user.userId);
    viewers.forget(user.userId);
  }
  return { ...login, token };
};

/** Returns null when nothing more would help: the login has failed. */
const startSecondStep = async (
  { services, exchange }: SessionContext,
  { userId, generation, proven }: ProvenUser,
  wanted: WantedCredentials,
): Promise<LoginChallenge | null> => {
  if (proven === "SECOND_FACTOR") return null;
  const pendingToken = makeToken("gwp_");
  const browserSecret = wanted.wantsCookie ? randomSecret() : null;
  const passkeyChallenge = randomBytes(32);
  const step = { userId, generation, firstProof: proven, pendingToken, browserSecret, passkeyChallenge };
  const inserted = await insertSecondStep(services.database, { ...step, ...wanted });
  if (inserted === null) return null;
  if (browserSecret !== null) services.pendingCookie.set(exchange, browserSecret);
  const { database, relyingParty } = services;
  const offered = { methods: inserted.methods, challenge: passkeyChallenge };
  const passkeyOptions = await offerPasskeys({ database, relyingParty }, userId, offered);
  const methods = offeredMethods(relyingParty, inserted.methods);
  return { pendingToken, methods, passkeyOptions, expiresAt: inserted.expiresAt };
};

/** Session fixation: an attacker who planted the request's cookie must not share the new session. */
const endReplacedSession = async ({ services, exchange }: SessionContext): Promise<void> => {
  const cookieSecret = services.sessionCookies.findSecret(exchange.request);
  if (cookieSecret === null) return;
  const owners = await endSessionsOf(services.database, { cookieSecret, token: null }, replaced);
  services.viewers.forget(...owners);
};

const replaced = {
  type: AuditEventType.SESSION_REVOKED,
  actorId: null,
  client: noClient,
  details: { reason: "REPLACED" },
} as const;

interface Secrets {
  readonly cookieSecret: string | null;
  readonly token: string | null;
}

/** Long enough ago that no sensitive act takes it for recent. */
const before = sql<Date>`now() - interval '1 day'`;

/** In a trusted browser the factor was proven. */
const factorBefore = sql<Date | null>`case when account."hasSecondFactor" then ${before} end`;

/** By the database's clock, which may be behind the provider's. */
const timeOf = (provenAt: ProvenUser["provenAt"]) => {
  if (provenAt === "now") return sql<Date>`now()`;
  if (provenAt !== null) return sql<Date>`least(now(), ${provenAt}::timestamptz)`;
  // Who has nothing else to prove could otherwise never do what needs a recent login, such as to add an email.
  return sql<Date>`case when account."hasOtherProof" then ${before} else now() end`;
};

/**
 * One statement: the user is checked again, the session inserted, the event recorded and the mail about a new device enqueued, or
 * nothing happens.
 */
const insertSession = async (
  { services, client, exchange }: SessionContext,
  { userId, generation, proven, provenAt }: ProvenUser,
  secrets: Secrets,
  refund: Alongside | undefined,
) => {
  const isSecondProven = proven === "SECOND_FACTOR";
  const trusted = services.trustedBrowserCookie.read(exchange.request);
  const remembering = rememberDevice({ keys: services.deviceKeys, userId, client });
  const event = { type: AuditEventType.LOGIN_SUCCEEDED, actorId: "owner", client } as const;
  const statement = services.database
    .with("account", (query) =>
      query
        .updateTable("users")
        .set({ last_login_at: sql<Date>`now()` })
        .where("id", "=", userId)
        .where("device_generation", "=", generation)
        .where("is_active", "=", true)
        // The gate: judged by the statement that inserts the row, so that no way in can forget it.
        .$if(!isSecondProven, (account) =>
          account.where((row) =>
            row.or([
              sql<boolean>`not ${hasSecondFactor}`,
              ...(trusted === null ? [] : [sql<boolean>`${trustedSince(trusted)} is not null`]),
            ]),
          ),
        )
        .returning([
          ...userColumns,
          "users.last_login_at as lastLoginAt",
          "users.new_device_mail as newDeviceMail",
        ])
        .returning(hasProofOfOurs.as("hasOtherProof")),
    )
    .with("session", (query) =>
      query
        .insertInto("sessions")
        .columns(newSessionColumns)
        .expression((account) =>
          account.selectFrom("account").select(
            newSession({
              userId,
              ...secrets,
              authenticatedAt: timeOf(provenAt),
              secondFactorAt: isSecondProven ? timeOf(provenAt) : factorBefore,
              client,
              lifetimes: services.lifetimes,
            }),
          ),
        )
        .returning(["sessions.id", "sessions.user_id", "sessions.idle_expires_at as expiresAt"]),
    )
    .with("event", (query) =>
      query
        .insertInto("audit_events")
        .columns([...eventColumns])
        .expression((session) =>
          session
            .selectFrom("session")
            .select(({ ref }) =>
              selectEvent(event, { userId: ref("session.user_id"), sessionId: ref("session.id") }),
            ),
        ),
    )
    .with("device", () => remembering.device)
    .with("seen", () => remembering.seen)
    .with("room", () => remembering.room)
    .with("told", () => remembering.told)
    .with("refunded", (query) => refund?.(query) ?? query.selectNoFrom(sql`null`.as("nothing")))
    .selectFrom(["account", "session"])
    .selectAll("account")
    .select([
      "session.expiresAt",
      countSessions(userId).as("others"),
      sql<number>`(select count(*)::int from told)`.as("told"),
    ])
    .compile();
  const [inserted] = await runPrepared(services.database, statement);
  if (inserted === undefined) return null;
  const { expiresAt, others, told: _, hasOtherProof: __, ...user } = inserted;
  if (user.hasSecondFactor && !isSecondProven && trusted !== null)
    await touchTrustedBrowser(services.database, trusted);
  return { user, expiresAt, others };
};
