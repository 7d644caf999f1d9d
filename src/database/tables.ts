// The tables: their names, and their types for Kysely, inferred from the entities.
import type { InferKyselyTable } from "@mikro-orm/postgresql";
import type { ColumnType, Kysely } from "kysely";
import type { AccessTokenSchema } from "../entities/access-token.ts";
import type { AuditAnchorSchema } from "../entities/audit-anchor.ts";
import type { AuditDetails, AuditEventSchema } from "../entities/audit-event.ts";
import type { IdentitySchema } from "../entities/identity.ts";
import type { KnownDeviceSchema } from "../entities/known-device.ts";
import type { LiveFollowerSchema } from "../entities/live-follower.ts";
import type { OneTimeTokenSchema } from "../entities/one-time-token.ts";
import type { PasskeySchema } from "../entities/passkey.ts";
import type { ProofChallengeSchema } from "../entities/proof-challenge.ts";
import type { ProviderLoginSchema } from "../entities/provider-login.ts";
import type { RateLimitSchema } from "../entities/rate-limit.ts";
import type { RecoveryCodeSchema } from "../entities/recovery-code.ts";
import type { ReservedUsernameSchema } from "../entities/reserved-username.ts";
import type { RoleSchema } from "../entities/role.ts";
import type { RoleMemberSchema } from "../entities/role-member.ts";
import type { SessionSchema } from "../entities/session.ts";
import type { TotpFactorSchema } from "../entities/totp-factor.ts";
import type { TrustedBrowserSchema } from "../entities/trusted-browser.ts";
import type { UserSchema } from "../entities/user.ts";

export interface Tables {
  users: InferKyselyTable<typeof UserSchema>;
  rate_limits: InferKyselyTable<typeof RateLimitSchema>;
  roles: InferKyselyTable<typeof RoleSchema>;
  role_members: InferKyselyTable<typeof RoleMemberSchema>;
  reserved_usernames: WithBuffers<InferKyselyTable<typeof ReservedUsernameSchema>>;
  sessions: InferKyselyTable<typeof SessionSchema>;
  access_tokens: InferKyselyTable<typeof AccessTokenSchema>;
  one_time_tokens: InferKyselyTable<typeof OneTimeTokenSchema>;
  known_devices: InferKyselyTable<typeof KnownDeviceSchema>;
  totp_factors: WithBuffers<InferKyselyTable<typeof TotpFactorSchema>>;
  recovery_codes: WithBuffers<InferKyselyTable<typeof RecoveryCodeSchema>>;
  passkeys: WithBuffers<InferKyselyTable<typeof PasskeySchema>>;
  trusted_browsers: InferKyselyTable<typeof TrustedBrowserSchema>;
  proof_challenges: WithBuffers<InferKyselyTable<typeof ProofChallengeSchema>>;
  identities: InferKyselyTable<typeof IdentitySchema>;
  provider_logins: WithBuffers<InferKyselyTable<typeof ProviderLoginSchema>>;
  live_followers: InferKyselyTable<typeof LiveFollowerSchema>;
  audit_events: WithBuffers<Omit<InferKyselyTable<typeof AuditEventSchema>, "details" | "personal">> & {
    /** Written as JSON text: pg would turn a list into a PostgreSQL array. */
    details: ColumnType<AuditDetails, string, never>;
    personal: ColumnType<AuditDetails | null, string | null, null>;
  };
  audit_anchors: WithBuffers<InferKyselyTable<typeof AuditAnchorSchema>>;
}

/** A name that is missing here does not compile. */
const tables: Readonly<Record<keyof Tables, true>> = {
  users: true,
  rate_limits: true,
  roles: true,
  role_members: true,
  reserved_usernames: true,
  sessions: true,
  access_tokens: true,
  one_time_tokens: true,
  known_devices: true,
  totp_factors: true,
  recovery_codes: true,
  passkeys: true,
  trusted_browsers: true,
  proof_challenges: true,
  identities: true,
  provider_logins: true,
  live_followers: true,
  audit_events: true,
  audit_anchors: true,
};

export const tableNames: ReadonlySet<string> = new Set(Object.keys(tables));

/** pg returns a Buffer for bytea, where MikroORM's type is wider. */
type WithBuffers<Table> = {
  [Name in keyof Table]: Uint8Array extends NonNullable<Table[Name]>
    ? Buffer | Extract<Table[Name], null>
    : Table[Name];
};

/**
 * Database access for the rules, as the pool or a transaction. Values are bound, never part of the SQL text,
 * so that a failing statement shows no secret in PostgreSQL's log.
 */
export type Database = Kysely<Tables>;
