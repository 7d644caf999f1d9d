// Who is calling: the viewer behind a credential, read from the database.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";
import { digest } from "./secret.ts";
import { isTouchDue, whereAlive } from "./sessions.ts";

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
  };
}

/** With what is needed to count its life down without asking again. Times in milliseconds from the answer. */
export interface FoundViewer {
  readonly viewer: Viewer;
  readonly hasToken: boolean;
  readonly idleLeft: number;
  readonly absoluteLeft: number;
  readonly touchIsDue: boolean;
}

/** Each of the two secrets has a column of its own, so that a session id is no token and a token is no cookie. */
export type Credential = "cookie" | "token";

/** The columns that `User` shows of itself at once. */
export const userColumns = [
  "users.id",
  "users.username",
  "users.roles",
  "users.created_at as createdAt",
  // Also one that is still to be proven, free or not: what is shown must not tell.
  sql<string | null>`coalesce(users.email, users.pending_email)`.as("email"),
] as const;

export const findViewer = async (
  database: Database,
  credential: Credential,
  secret: string,
): Promise<FoundViewer | null> => {
  const row = await whereAlive(
    database.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id"),
  )
    .where(credential === "cookie" ? "sessions.cookie_digest" : "sessions.token_digest", "=", digest(secret))
    .select(userColumns)
    .select([
      "sessions.id as sessionId",
      sql<boolean>`sessions.token_digest is not null`.as("hasToken"),
      millisecondsUntil("idle_expires_at").as("idleLeft"),
      millisecondsUntil("absolute_expires_at").as("absoluteLeft"),
      isTouchDue.as("touchIsDue"),
    ])
    .executeTakeFirst();
  if (row === undefined) return null;

  const { sessionId, hasToken, idleLeft, absoluteLeft, touchIsDue, ...user } = row;
  const viewer = { userId: user.id, sessionId, roles: user.roles, user };
  return { viewer, hasToken, idleLeft, absoluteLeft, touchIsDue };
};

const millisecondsUntil = (column: "idle_expires_at" | "absolute_expires_at") =>
  sql<number>`(extract(epoch from ${sql.ref(`sessions.${column}`)} - now()) * 1000)::float8`;
