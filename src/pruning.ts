// Deletes expired sessions and old security events now and then, so that no operator has to remember it.
import type { Logger } from "pino";
import { pruneEvents, type Retention } from "./auth/audit-retention.ts";
import { pruneSessions } from "./auth/sessions.ts";
import type { Database } from "./database/tables.ts";
import { describeForLog } from "./http/error-log.ts";
import { hours } from "./time.ts";

/** Returns the function that stops it. */
export const schedulePruning = (database: Database, retention: Retention, logger: Logger): (() => void) => {
  const prune = () => {
    pruneSessions(database).then(
      (sessions) => sessions > 0 && logger.info({ sessions }, "expired sessions deleted"),
      (error: unknown) =>
        logger.warn({ error: describeForLog(error) }, "expired sessions could not be deleted"),
    );
    pruneEvents(database, retention).then(
      ({ dropped: events, finding }) => {
        if (finding !== null) logger.error({ finding }, "the audit trail is broken: old events are kept");
        else if (events > 0) logger.info({ events }, "old security events dropped");
      },
      (error: unknown) =>
        logger.warn({ error: describeForLog(error) }, "old security events could not be dropped"),
    );
  };
  const timer = setInterval(prune, hours(1));
  timer.unref();
  return () => clearInterval(timer);
};
