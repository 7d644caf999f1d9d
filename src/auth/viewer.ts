// Who is calling: the viewer behind a credential, or null.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";
import { digest } from "./secret.ts";
import { isTouchDue, touchSession, whereAlive } from "./sessions.ts";

export interface Viewer {
  readonly userId: string;
  readonly sessionId: string;
  readonly roles: readonly string[];
  readonly user: {
    readonly id: string;
    readonly username: string;
    readonly email: string | null;
    readonly roles: readonly string[];
    readonly createdAt: Date;
    readonly lastLoginAt: Date | null;
  };
}

/** The columns that `User` shows. */
export const userColumns = [
  "users.id",
  "users.username",
  "users.email",
  "users.roles",
  "users.created_at as createdAt",
  "users.last_login_at as lastLoginAt",
] as const;

export const findViewerByToken = (database: Database, token: string): Promise<Viewer | null> =>
  findViewer(database, "token_digest", token);

export const findViewerByCookie = (database: Database, cookieSecret: string): Promise<Viewer | null> =>
  findViewer(database, "cookie_digest", cookieSecret);

/** One query. The two secrets have a column each, so that a session id is no token and a token is no cookie. */
const findViewer = async (database: Database, column: "cookie_digest" | "token_digest", secret: string) => {
  const row = await whereAlive(
    database.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id"),
  )
    .where(`sessions.${column}`, "=", digest(secret))
    .select(userColumns)
    .select([
      "sessions.id as sessionId",
      sql<boolean>`sessions.token_digest is not null`.as("hasToken"),
      isTouchDue.as("touchIsDue"),
    ])
    .executeTakeFirst();
  if (row === undefined) return null;

  const { sessionId, hasToken, touchIsDue, ...user } = row;
  if (touchIsDue) await touchSession(database, { id: sessionId, hasToken });
  return { userId: user.id, sessionId, roles: user.roles, user };
};
