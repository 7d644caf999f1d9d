// Sensitive acts need a recent login: a session that was stolen or left open must not be enough.
import { sql } from "kysely";
import { ago } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { reauthenticationRequired } from "../../errors.ts";
import { minutes } from "../../time.ts";
import { findHighestProofs, type Offered } from "../factors/enrolled.ts";
import { hasSecondFactor } from "../viewer/second-factor.ts";
import type { PersonalViewer, Viewer } from "../viewer/viewer.ts";

const recent = minutes(10);

/** Judged by the database's clock. Access tokens and impersonators have no login of their own as the user, and are refused. */
export const requireRecentLogin = async (
  database: Database,
  offered: Offered,
  viewer: Viewer,
): Promise<PersonalViewer> => {
  if (viewer.accessToken !== null || viewer.impersonatorId !== null) throw reauthenticationRequired();
  await requireRecentSession(database, offered, viewer);
  return viewer;
};

/**
 * For an act that has just checked the password: a user with a second factor must have proven it recently too. Throws
 * REAUTHENTICATION_REQUIRED.
 */
export const requireRecentSecondFactor = async (
  database: Database,
  offered: Offered,
  { sessionId, userId }: Pick<PersonalViewer, "sessionId" | "userId">,
): Promise<void> => {
  const session = await findWithHighestProof(database, sessionId).executeTakeFirst();
  if (session === undefined)
    throw reauthenticationRequired(await findHighestProofs(database, offered, userId));
};

/**
 * For a transaction that has waited: the session may have ended meanwhile. A user with a second factor must have proven it as
 * recently: otherwise a stolen password would be enough to remove it.
 */
export const requireRecentSession = async (
  database: Database,
  offered: Offered,
  { sessionId, userId }: Pick<PersonalViewer, "sessionId" | "userId">,
): Promise<void> => {
  const session = await findWithHighestProof(database, sessionId)
    .where("sessions.authenticated_at", ">", ago(recent))
    .executeTakeFirst();
  if (session === undefined)
    throw reauthenticationRequired(await findHighestProofs(database, offered, userId));
};

/** With a recent proof of a second factor, if the user has one. */
const findWithHighestProof = (database: Database, sessionId: string) =>
  database
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select("sessions.id")
    .where("sessions.id", "=", sessionId)
    .where((row) =>
      row.or([row("sessions.second_factor_at", ">", ago(recent)), sql<boolean>`not ${hasSecondFactor}`]),
    );
