// Finds the viewer of a session in the database, by the secret of its cookie or token.
import { sql } from "kysely";
import { runPrepared } from "../../database/run-prepared.ts";
import type { Database } from "../../database/tables.ts";
import type { Credential } from "../secrets/presented-credential.ts";
import { digest } from "../secrets/secret.ts";
import { lifetimesOf, type SessionLifetimes } from "../sessions/lifetimes.ts";
import { isTouchDue, whereAlive } from "../sessions/rows.ts";
import type { Authority } from "../viewer/authority.ts";
import { type FoundViewer, userColumns } from "../viewer/viewer.ts";
import { findImpersonator } from "./impersonator.ts";

export const findSessionViewer = async (
  database: Database,
  credential: Credential,
  secret: string,
  { authority, lifetimes }: { readonly authority: Authority; readonly lifetimes: SessionLifetimes },
): Promise<FoundViewer | null> => {
  const statement = whereAlive(
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
      sql<boolean>`(sessions.second_factor_at is not null or sessions.actor_session_id is not null)`.as(
        "hasProvenFactor",
      ),
    ])
    .compile();
  const [row] = await runPrepared(database, statement);
  if (row === undefined) return null;

  const { sessionId, actorSessionId, hasToken, idleLeft, absoluteLeft, touchIsDue, ...rest } = row;
  const { hasProvenFactor, ...user } = rest;
  const { id: userId, roles, permissions } = user;
  let impersonatorId = null;
  if (actorSessionId !== null) {
    impersonatorId = await findImpersonator(database, authority, actorSessionId, user);
    if (impersonatorId === null) return null;
  }
  const caller = { userId, hasProvenFactor, roles, permissions, user };
  const viewer = { ...caller, sessionId, accessToken: null, impersonatorId };
  return {
    viewer,
    idleLifetime: lifetimesOf(lifetimes, { hasToken }).idle,
    idleLeft,
    absoluteLeft,
    touchIsDue,
  };
};

const millisecondsUntil = (column: "idle_expires_at" | "absolute_expires_at") =>
  sql<number>`(extract(epoch from ${sql.ref(`sessions.${column}`)} - now()) * 1000)::float8`;
