// Making an access token: its row, its event and the mail that tells of it, or none of them.

import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { Result } from "../../errors.ts";
import { days } from "../../time.ts";
import { type ShownAccessToken, shownColumns } from "../access-tokens/rows.ts";
import {
  accessTokensPerUserAtMost,
  findAccessTokenProblems,
  type NewAccessToken,
  tooManyAccessTokens,
} from "../access-tokens/rules.ts";
import { type Origin, recordEvent } from "../audit/record.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { digest, makeToken } from "../secrets/secret.ts";
import { requireRecentSession } from "../sessions/recent-login.ts";
import { findCanonicalTokenName } from "../text/token-names.ts";

export interface CreatedAccessToken {
  readonly token: string;
  readonly accessToken: ShownAccessToken;
}

/** Every broken rule at once, or the token, which is shown this once, and what is kept of it. */
export const createAccessToken = async (
  database: Database,
  userId: string,
  wanted: NewAccessToken,
  { knownScopes, origin }: { readonly knownScopes: readonly string[]; readonly origin: Origin },
): Promise<Result<CreatedAccessToken>> => {
  const problems = findAccessTokenProblems(wanted, knownScopes);
  const name = findCanonicalTokenName(wanted.name);
  if (problems.length > 0 || name === null) return { ok: false, problems };
  const token = makeToken("gwa_");
  const scopes = [...new Set(wanted.scopes)].sort();
  return database.transaction().execute(async (transaction) => {
    // Two at the same moment would each count the other's as not there yet.
    await transaction.selectFrom("users").select("id").where("id", "=", userId).forNoKeyUpdate().execute();
    // The session may have ended while we waited: whoever takes the account back must find no token that was made meanwhile.
    if (origin.sessionId) await requireRecentSession(transaction, origin.sessionId);
    const accessToken = await insertUnlessTooMany(transaction, userId, { ...wanted, name, scopes, token });
    if (accessToken === undefined) return { ok: false, problems: [tooManyAccessTokens] };
    await recordEvent(transaction, {
      ...origin,
      type: AuditEventType.ACCESS_TOKEN_CREATED,
      userId,
      details: { ...origin.details, accessTokenId: accessToken.id, scopes },
      personal: { name },
    });
    await enqueueMail(transaction, { template: "access-token-created", userId, name });
    return { ok: true, value: { token, accessToken } };
  });
};

const insertUnlessTooMany = (
  transaction: Database,
  userId: string,
  { name, scopes, expiresInDays, token }: NewAccessToken & { readonly token: string },
) =>
  transaction
    .insertInto("access_tokens")
    .columns(["id", "user_id", "name", "digest", "hint", "scopes", "expires_at"])
    .expression((query) =>
      query
        .selectFrom("users")
        // Typed, because PostgreSQL takes a value in a SELECT for a text.
        .select([
          sql<string>`${uuidv7()}::uuid`.as("id"),
          "users.id as user_id",
          sql<string>`${name}::text`.as("name"),
          sql<Buffer>`${digest(token)}::bytea`.as("digest"),
          sql<string>`${hintOf(token)}::text`.as("hint"),
          sql<string[]>`${[...scopes]}::text[]`.as("scopes"),
          sql<Date>`now() + ${days(expiresInDays)} * interval '1 millisecond'`.as("expires_at"),
        ])
        .where("users.id", "=", userId)
        .where(
          sql<boolean>`(select count(*) from access_tokens where user_id = ${userId} and expires_at > now()) < ${accessTokensPerUserAtMost}`,
        ),
    )
    .returning(shownColumns)
    .executeTakeFirst();

/** Enough to tell one's tokens apart. The end is of the checksum, and tells nothing that helps to guess. */
const hintOf = (token: string): string => `gwa_…${token.slice(-4)}`;
