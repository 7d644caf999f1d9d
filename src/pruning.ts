// Deletes what has expired now and then, so that no operator has to remember it.
import type { Logger } from "pino";
import { pruneAccessTokens } from "./auth/access-tokens.ts";
import { pruneEvents, type Retention } from "./auth/audit-retention.ts";
import { pruneKnownDevices } from "./auth/known-devices.ts";
import { pruneOneTimeTokens } from "./auth/one-time-tokens.ts";
import { pruneRateLimits } from "./auth/rate-limit-store.ts";
import { pruneReservedUsernames } from "./auth/reserved-usernames.ts";
import { pruneSessions } from "./auth/sessions.ts";
import type { Database } from "./database/tables.ts";
import { describeForLog } from "./http/error-log.ts";
import { pruneFailedMail } from "./mail/queue.ts";
import { hours } from "./time.ts";

/** How many of each. None of it opened anything any more. */
export const pruneExpired = async (database: Database) => ({
  sessions: await pruneSessions(database),
  accessTokens: await pruneAccessTokens(database),
  links: await pruneOneTimeTokens(database),
  budgets: await pruneRateLimits(database),
  mail: await pruneFailedMail(database),
  devices: await pruneKnownDevices(database),
  reservedUsernames: await pruneReservedUsernames(database),
});

/** Returns the function that stops it. */
export const schedulePruning = (database: Database, retention: Retention, logger: Logger): (() => void) => {
  const prune = () => {
    pruneExpired(database).then(
      (deleted) =>
        Object.values(deleted).some((count) => count > 0) &&
        logger.info(deleted, "what has expired is deleted"),
      (error: unknown) =>
        logger.warn({ error: describeForLog(error) }, "what has expired could not be deleted"),
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
