// Creates and revokes access tokens: the row, its event and its mail are written together, or not at all.

import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { done, notFound, type Result, refused } from "../../errors.ts";
import { days } from "../../time.ts";
import { revokeAccessToken } from "../access-tokens/ends.ts";
import { type ShownAccessToken, shownColumns } from "../access-tokens/rows.ts";
import {
  findAccessTokenProblems,
  maxAccessTokensPerUser,
  type NewAccessToken,
  tooManyAccessTokens,
} from "../access-tokens/rules.ts";
import { type Origin, originOf, recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { digest, makeToken } from "../secrets/secret.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { findCanonicalTokenName } from "../text/token-names.ts";
import { inTransaction } from "../transaction.ts";
import type { Viewer } from "../viewer/viewer.ts";

export interface CreatedAccessToken {
  readonly token: string;
  readonly accessToken: ShownAccessToken;
}

/** Calls `createAccessToken` for a viewer. Throws REAUTHENTICATION_REQUIRED. */
export async function createOwnAccessToken(
  { services, client }: Context,
  {
    viewer,
    knownScopes,
    ...wanted
  }: NewAccessToken & { readonly viewer: Viewer; readonly knownScopes: readonly string[] },
): Promise<Result<CreatedAccessToken>> {
  await requireRecentLogin(services.database, services, viewer);
  const origin = originOf({ client }, viewer);
  return createAccessToken(services.database, viewer.userId, wanted, {
    knownScopes,
    origin,
    // The session may have ended while we waited: a user who takes the account back must not find a token created meanwhile.
    confirm: async (transaction) => void (await requireRecentLogin(transaction, services, viewer)),
  });
}

/** Returns the id as stored. Throws NOT_FOUND for an access token that is not the viewer's. */
export async function revokeOwnAccessToken(
  { services, client }: Context,
  { viewer, id: given }: { readonly viewer: Viewer; readonly id: string },
): Promise<string> {
  const id = given.toLowerCase();
  const { userId } = viewer;
  const revoked = await changeUser(services, userId, (transaction) =>
    revokeAccessToken(transaction, { id, userId }, originOf({ client }, viewer)),
  );
  if (revoked === null) throw notFound();
  return id;
}

/** Returns every broken rule at once, or the token, which is shown only once, and its row. */
export async function createAccessToken(
  database: Database,
  userId: string,
  wanted: NewAccessToken,
  {
    knownScopes,
    origin,
    confirm,
  }: {
    readonly knownScopes: readonly string[];
    readonly origin: Origin;
    /** Called with the user's row locked. */
    readonly confirm?: (transaction: Database) => Promise<void>;
  },
): Promise<Result<CreatedAccessToken>> {
  const problems = findAccessTokenProblems(wanted, knownScopes);
  const name = findCanonicalTokenName(wanted.name);
  if (problems.length > 0 || name === null) return refused(...problems);
  const token = makeToken("gwa_");
  const scopes = [...new Set(wanted.scopes)].sort();
  return inTransaction(database, async (transaction) => {
    // Otherwise two requests at the same moment could exceed the limit, since neither counts the other's token.
    await transaction.selectFrom("users").select("id").where("id", "=", userId).forNoKeyUpdate().execute();
    await confirm?.(transaction);
    const accessToken = await insertUnlessTooMany(transaction, userId, { ...wanted, name, scopes, token });
    if (accessToken === undefined) return refused(tooManyAccessTokens);
    await recordEvent(transaction, {
      ...origin,
      type: AuditEventType.ACCESS_TOKEN_CREATED,
      userId,
      details: { ...origin.details, accessTokenId: accessToken.id, scopes },
      personal: { name },
    });
    await enqueueMail(transaction, { template: "access-token-created", userId, name });
    return done({ token, accessToken });
  });
}

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
        // Cast, because PostgreSQL takes a parameter in a SELECT for text.
        .select([
          sql<string>`${uuidv7()}::uuid`.as("id"),
          "users.id as user_id",
          sql<string>`${name}::text`.as("name"),
          sql<Buffer>`${digest(token)}::bytea`.as("digest"),
          sql<string>`${hintOf(token)}::text`.as("hint"),
          sql<string[]>`${[...scopes]}::text[]`.as("scopes"),
          fromNow(days(expiresInDays)).as("expires_at"),
        ])
        .where("users.id", "=", userId)
        .where(
          sql<boolean>`(select count(*) from ${ownTable("access_tokens")} where user_id = ${userId} and expires_at > now()) < ${maxAccessTokensPerUser}`,
        ),
    )
    .returning(shownColumns)
    .executeTakeFirst();

/** Enough to tell one's tokens apart. The last characters are part of the checksum, and do not help to guess. */
const hintOf = (token: string): string => `gwa_…${token.slice(-4)}`;
