// Who is calling: the viewer behind a credential, read from the database.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";
import { forbidden } from "../errors.ts";
import { findImpersonator } from "./impersonator.ts";
import { permissionsOfUser } from "./permissions.ts";
import { digest } from "./secret.ts";
import { livesOf } from "./session-lives.ts";
import { isTouchDue, whereAlive } from "./sessions.ts";

interface Caller {
  readonly userId: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly user: {
    readonly id: string;
    readonly username: string;
    readonly email: string | null;
    readonly roles: readonly string[];
    readonly permissions: readonly string[];
    readonly createdAt: Date;
    readonly emailVerified: boolean;
  };
}

/** Has logged in, and may do all that the user may. */
export interface PersonalViewer extends Caller {
  readonly sessionId: string;
  readonly accessToken: null;
  readonly impersonatorId: null;
}

/** Came with an access token, which is no session: nothing that asks for one can take it for one. */
interface ScriptViewer extends Caller {
  readonly sessionId: null;
  readonly accessToken: { readonly id: string; readonly scopes: readonly string[] };
  readonly impersonatorId: null;
}

/** Somebody else acts as the user: nothing that asks for the person can take them for one. */
interface ImpersonatedViewer extends Caller {
  readonly sessionId: string;
  readonly accessToken: null;
  readonly impersonatorId: string;
}

export type Viewer = PersonalViewer | ScriptViewer | ImpersonatedViewer;

/** Throws FORBIDDEN for a script, and for whoever acts as somebody else. */
export const requirePersonal = (viewer: Viewer): PersonalViewer => {
  if (viewer.accessToken !== null || viewer.impersonatorId !== null) throw forbidden();
  return viewer;
};

/** With what is needed to count its life down without asking again. Times in milliseconds from the answer. */
export interface FoundViewer {
  readonly viewer: Viewer;
  /** How long a use prolongs it; infinite where only the absolute end counts. */
  readonly idleLife: number;
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
  permissionsOfUser.as("permissions"),
  "users.created_at as createdAt",
  // Also one that is still to be proven, free or not: what is shown must not tell.
  sql<string | null>`coalesce(users.email, users.pending_email)`.as("email"),
  sql<boolean>`(users.email_verified_at is not null)`.as("emailVerified"),
] as const;

export const findViewer = async (
  database: Database,
  credential: Credential,
  secret: string,
  rolesAskedFor: readonly string[],
): Promise<FoundViewer | null> => {
  const row = await whereAlive(
    database.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id"),
  )
    .where(credential === "cookie" ? "sessions.cookie_digest" : "sessions.token_digest", "=", digest(secret))
    .select(userColumns)
    .select([
      "sessions.id as sessionId",
      "sessions.actor_session_id as actorSessionId",
      sql<boolean>`sessions.token_digest is not null`.as("hasToken"),
      millisecondsUntil("idle_expires_at").as("idleLeft"),
      millisecondsUntil("absolute_expires_at").as("absoluteLeft"),
      isTouchDue.as("touchIsDue"),
    ])
    .executeTakeFirst();
  if (row === undefined) return null;

  const { sessionId, actorSessionId, hasToken, idleLeft, absoluteLeft, touchIsDue, ...user } = row;
  const { id: userId, roles, permissions } = user;
  let impersonatorId = null;
  if (actorSessionId !== null) {
    impersonatorId = await findImpersonator(database, actorSessionId, user, rolesAskedFor);
    if (impersonatorId === null) return null;
  }
  const viewer = { userId, roles, permissions, user, sessionId, accessToken: null, impersonatorId };
  return { viewer, idleLife: livesOf({ hasToken }).idle, idleLeft, absoluteLeft, touchIsDue };
};

const millisecondsUntil = (column: "idle_expires_at" | "absolute_expires_at") =>
  sql<number>`(extract(epoch from ${sql.ref(`sessions.${column}`)} - now()) * 1000)::float8`;
