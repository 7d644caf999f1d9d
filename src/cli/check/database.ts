// What `graphward check` finds in the database: why a start would be refused, and what its users and its clock lack.
import { existsSync } from "node:fs";
import type { Application } from "../../application/application.ts";
import type { Config } from "../../config/config.ts";
import type { Finding } from "../../config/review.ts";
import { findClockError } from "../../database/connecting/clock.ts";
import { isCertificateRefused } from "../../database/connecting/descriptions.ts";
import { NoReply } from "../../database/connecting/reply.ts";
import { isDatabaseUnavailable } from "../../database/failures.ts";
import type { OpenDatabase } from "../../database/open.ts";
import { toSeconds } from "../../time.ts";

/** Read only: creates no tables and no database. */
export async function reviewDatabase(config: Config, application: Application): Promise<Finding[]> {
  if (config.databaseUrl === null && !existsSync(config.dataDir)) return [];
  const { openDatabase } = await import("../../database/open.ts");
  try {
    const opened = await openDatabase(config, null, application.tables);
    try {
      return await reviewOpened(opened, config, application);
    } finally {
      await opened.close();
    }
  } catch (error) {
    return [describeFailed(error)];
  }
}

const reviewOpened = async (
  opened: OpenDatabase,
  config: Config,
  application: Application,
): Promise<Finding[]> => {
  const refusal = await findObstacle(opened);
  if (refusal !== null) return [{ severity: "error", name: "database", text: refusal }];
  const clock = describeClock(await findClockError(opened.database));
  if ((await opened.findMissingMigrations()).length > 0)
    return [
      ...clock,
      warning("database", `lacks tables of this version, so ${unchecked}: run graphward migrate`),
    ];
  const { countWeakHashes } = await import("../../auth/passwords/weak-hashes.ts");
  const { reviewSignIn } = await import("./sign-in.ts");
  const { reviewReplica } = await import("./replica.ts");
  return [
    ...clock,
    ...describeWeakHashes(await countWeakHashes(opened.database)),
    ...(await reviewSignIn(opened.database, config, application)),
    ...(await reviewReplica(config, opened)),
  ];
};

const unchecked = "users, with their password hashes and second factors, were not checked";

/** Before a table is read: the role may not be able to. */
const findObstacle = async (opened: OpenDatabase): Promise<string | null> => {
  try {
    await opened.requireRights();
  } catch (error) {
    if (isDatabaseUnavailable(error) || !(error instanceof Error)) throw error;
    return error.message;
  }
  return opened.findRefusal();
};

/** What refuses a server too is an error: only a database that is down says nothing of the settings. */
const describeFailed = (error: unknown): Finding => {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof NoReply || isDatabaseUnavailable(error))
    return warning("DATABASE_URL", `${unchecked}: ${text}`);
  const isUnverified = error instanceof Error && isCertificateRefused(error.cause);
  return {
    severity: "error",
    name: "DATABASE_URL",
    text: isUnverified ? `cannot be verified: ${text}` : text,
  };
};

const describeClock = (ahead: number | null): Finding[] =>
  ahead === null
    ? []
    : [
        warning(
          "clock",
          `is ${toSeconds(Math.abs(ahead))} s ${ahead > 0 ? "ahead of" : "behind"} the database's: codes of authenticator apps and logins with providers fail`,
        ),
      ];

const describeWeakHashes = (count: number): Finding[] =>
  count === 0
    ? []
    : [
        warning(
          "password hashes",
          `${count} are weaker than new ones; each is renewed when its user logs in`,
        ),
      ];

const warning = (name: string, text: string): Finding => ({ severity: "warning", name, text });
