// Sensitive acts need a recent login: a session that was stolen or left open must not be enough.
import { ago } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { reauthenticationRequired } from "../../errors.ts";
import { minutes } from "../../time.ts";
import type { PersonalViewer, Viewer } from "../viewer/viewer.ts";

const recent = minutes(10);

/** Judged by the database's clock. Access tokens and impersonators have no login of their own as the user, and are refused. */
export const requireRecentLogin = async (database: Database, viewer: Viewer): Promise<PersonalViewer> => {
  if (viewer.accessToken !== null || viewer.impersonatorId !== null) throw reauthenticationRequired();
  await requireRecentSession(database, viewer.sessionId);
  return viewer;
};

/** For a transaction that has waited: the session may have ended meanwhile. */
export const requireRecentSession = async (database: Database, sessionId: string): Promise<void> => {
  const session = await database
    .selectFrom("sessions")
    .select("id")
    .where("id", "=", sessionId)
    .where("authenticated_at", ">", ago(recent))
    .executeTakeFirst();
  if (session === undefined) throw reauthenticationRequired();
};
