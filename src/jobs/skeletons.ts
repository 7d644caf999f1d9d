// Fills the skeletons that older versions did not store, at the start and every hour: an older server may still add users.
import type { Logger } from "pino";
import { fillMissingSkeletons } from "../auth/users/missing-skeletons.ts";
import type { Database } from "../database/tables.ts";
import { describeForLog } from "../error-log.ts";
import { hours } from "../time.ts";

/** Returns the function that stops it, and waits for one that is running. */
export const scheduleSkeletons = (database: Database, logger: Logger): (() => Promise<void>) => {
  let running: Promise<void> = Promise.resolve();
  const fill = () => {
    running = fillMissingSkeletons(database).then(
      (users) => {
        if (users > 0) logger.info({ users }, "usernames are now protected from names that look alike");
      },
      (error: unknown) =>
        logger.warn(
          { error: describeForLog(error) },
          "failed to compare usernames with names that look alike",
        ),
    );
  };
  fill();
  const timer = setInterval(fill, hours(1));
  timer.unref();
  return () => {
    clearInterval(timer);
    return running;
  };
};
