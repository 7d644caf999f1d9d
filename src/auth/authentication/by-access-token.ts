// Finds the viewer of an access token in the database.
import { sql } from "kysely";
import { runPrepared } from "../../database/run-prepared.ts";
import type { Database } from "../../database/tables.ts";
import { isAccessTokenTouchDue } from "../access-tokens/rows.ts";
import { digest } from "../secrets/secret.ts";
import { type FoundViewer, userColumns } from "../viewer/viewer.ts";

/** Only the database's clock decides whether it has expired, as with a session. */
export const findAccessTokenViewer = async (
  database: Database,
  token: string,
): Promise<FoundViewer | null> => {
  const statement = database
    .selectFrom("access_tokens")
    .innerJoin("users", "users.id", "access_tokens.user_id")
    .where("access_tokens.digest", "=", digest(token))
    .where("access_tokens.expires_at", ">", sql<Date>`now()`)
    .where("users.is_active", "=", true)
    .select(userColumns)
    .select([
      "access_tokens.id as accessTokenId",
      "access_tokens.scopes",
      sql<number>`(extract(epoch from access_tokens.expires_at - now()) * 1000)::float8`.as("left"),
      isAccessTokenTouchDue.as("touchIsDue"),
    ])
    .compile();
  const [row] = await runPrepared(database, statement);
  if (row === undefined) return null;

  const { accessTokenId: id, scopes, left, touchIsDue, ...user } = row;
  const { id: userId, roles, permissions } = user;
  const accessToken = { id, scopes };
  const caller = { userId, hasProvenFactor: true, roles, permissions, user };
  const viewer = { ...caller, sessionId: null, accessToken, impersonatorId: null };
  return { viewer, idleLifetime: Number.POSITIVE_INFINITY, idleLeft: left, absoluteLeft: left, touchIsDue };
};
