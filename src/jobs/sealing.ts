// Seals new security events every few seconds, and logs how far the trail has come.
import type { Logger } from "pino";
import { writeHead } from "../auth/audit/trail/chain.ts";
import { sealEvents } from "../auth/audit/trail/sealing.ts";
import type { Database } from "../database/tables.ts";
import { describeForLog } from "../error-log.ts";
import { seconds } from "../time.ts";

const sealEvery = seconds(10);

export interface ScheduledSealing {
  /** Ends the one that is running. What is not sealed by now is sealed by another server, or at the next start. */
  stop(): Promise<void>;
}

export const scheduleSealing = (
  database: Database,
  [key]: readonly string[],
  logger: Logger,
): ScheduledSealing => {
  if (key === undefined) throw new Error("There is no key to seal the audit trail with.");
  const seal = async () => {
    try {
      const sealing = await sealEvents(database, key);
      // A log that leaves the machine is what the database cannot take back: see `audit verify --head`.
      if (sealing !== null && sealing.sealed > 0)
        logger.info({ events: sealing.sealed, head: writeHead(sealing.head) }, "audit trail sealed");
    } catch (error) {
      logger.warn({ error: describeForLog(error) }, "the audit trail could not be sealed");
    }
  };
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= seal().finally(() => {
      running = null;
    });
  }, sealEvery);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};
