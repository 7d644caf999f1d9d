// Deletes expired sessions now and then, so that no operator has to remember it.
import type { Logger } from "pino";
import { pruneSessions } from "./auth/sessions.ts";
import type { Database } from "./database/tables.ts";
import { describeForLog } from "./http/error-log.ts";
import { hours } from "./time.ts";

/** Returns the function that stops it. */
export const schedulePruning = (database: Database, logger: Logger): (() => void) => {
  const prune = () => {
    pruneSessions(database).then(
      (sessions) => sessions > 0 && logger.info({ sessions }, "expired sessions deleted"),
      (error: unknown) =>
        logger.warn({ error: describeForLog(error) }, "expired sessions could not be deleted"),
    );
  };
  const timer = setInterval(prune, hours(1));
  timer.unref();
  return () => clearInterval(timer);
};
