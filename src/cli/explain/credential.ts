// What became of a credential that was refused, by the beginning of its digest in the log.
import { sql } from "kysely";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";

const digestBytes = 32;

/** `name`: its first digits, in words. */
export async function describeCredential(database: Database, name: string): Promise<string> {
  const from = Buffer.alloc(digestBytes, 0);
  const to = Buffer.alloc(digestBytes, 255);
  for (const end of [from, to]) Buffer.from(name, "hex").copy(end);
  const { rows } = await sql<Found>`
    select 'session' as kind, users.is_active as "isActive",
      sessions.absolute_expires_at as "lastEnd", least(sessions.idle_expires_at, sessions.absolute_expires_at) as "endsAt",
      least(sessions.idle_expires_at, sessions.absolute_expires_at) <= now() as "hasExpired"
    from ${ownTable("sessions")} as sessions join ${ownTable("users")} as users on users.id = sessions.user_id
    where sessions.token_digest between ${from} and ${to} or sessions.cookie_digest between ${from} and ${to}
    union all
    select 'access token', users.is_active, access_tokens.expires_at, access_tokens.expires_at,
      access_tokens.expires_at <= now()
    from ${ownTable("access_tokens")} as access_tokens join ${ownTable("users")} as users on users.id = access_tokens.user_id
    where access_tokens.digest between ${from} and ${to}`.execute(database);
  const [found] = rows;
  if (found === undefined)
    return "no row has it any more: it was ended by a logout, a revocation or a new password, expired some time ago, or was never issued";
  const { kind, isActive, hasExpired, endsAt, lastEnd } = found;
  if (!isActive) return `its ${kind} is there, but the user is deactivated`;
  if (!hasExpired) return `its ${kind} is valid now, until ${endsAt.toISOString()}`;
  const unused = endsAt < lastEnd ? ", because it was not used" : "";
  return `its ${kind} expired at ${endsAt.toISOString()}${unused}`;
}

interface Found {
  readonly kind: "session" | "access token";
  readonly isActive: boolean;
  readonly hasExpired: boolean;
  /** For a session that is not used. */
  readonly endsAt: Date;
  readonly lastEnd: Date;
}
