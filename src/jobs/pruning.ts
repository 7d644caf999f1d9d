// Deletes expired rows at intervals, so that no operator has to.
import type { Logger } from "pino";
import { pruneAccessTokens } from "../auth/access-tokens/rows.ts";
import { pruneEvents, type Retention } from "../auth/audit/trail/retention.ts";
import { pruneKnownDevices } from "../auth/browsers/known-devices.ts";
import { pruneChallenges } from "../auth/challenges/rows.ts";
import { pruneTrustedBrowsers } from "../auth/factors/trusted-browsers.ts";
import { pruneRateLimits } from "../auth/limits/store.ts";
import { pruneProviderLogins } from "../auth/providers/login-rows.ts";
import { pruneOneTimeTokens } from "../auth/secrets/one-time-tokens.ts";
import { pruneSessions } from "../auth/sessions/rows.ts";
import { pruneReservedUsernames } from "../auth/users/reserved-usernames.ts";
import type { Database } from "../database/tables.ts";
import { describeForLog } from "../error-log.ts";
import { pruneFailedMail } from "../mail/queue.ts";
import { hours } from "../time.ts";

/** Returns how many rows of each kind. All of them were invalid already. */
export const pruneExpired = async (database: Database) => ({
  sessions: await pruneSessions(database),
  accessTokens: await pruneAccessTokens(database),
  links: await pruneOneTimeTokens(database),
  budgets: await pruneRateLimits(database),
  challenges: await pruneChallenges(database),
  providerLogins: await pruneProviderLogins(database),
  trustedBrowsers: await pruneTrustedBrowsers(database),
  mail: await pruneFailedMail(database),
  devices: await pruneKnownDevices(database),
  reservedUsernames: await pruneReservedUsernames(database),
});

/** Returns the function that stops it. */
export const schedulePruning = (database: Database, retention: Retention, logger: Logger): (() => void) => {
  const prune = () => {
    pruneExpired(database).then(
      (deleted) =>
        Object.values(deleted).some((count) => count > 0) && logger.info(deleted, "expired data deleted"),
      (error: unknown) => logger.warn({ error: describeForLog(error) }, "failed to delete expired data"),
    );
    pruneEvents(database, retention).then(
      ({ dropped: events, finding }) => {
        if (finding !== null) logger.error({ finding }, "audit trail broken, old security events kept");
        else if (events > 0) logger.info({ events }, "old security events deleted");
      },
      (error: unknown) =>
        logger.warn({ error: describeForLog(error) }, "failed to delete old security events"),
    );
  };
  const timer = setInterval(prune, hours(1));
  timer.unref();
  return () => clearInterval(timer);
};
