// Seals new security events every few seconds, and logs the head of the trail.
import type { Logger } from "pino";
import { writeHead } from "../auth/audit/trail/chain.ts";
import { sealEvents } from "../auth/audit/trail/sealing.ts";
import type { Database } from "../database/tables.ts";
import { describeForLog } from "../error-log.ts";
import { seconds } from "../time.ts";

const sealEvery = seconds(10);

export interface ScheduledSealing {
  /** Ends the running pass. Another server, or the next start, seals the remaining events. */
  stop(): Promise<void>;
}

export const scheduleSealing = (
  database: Database,
  [key]: readonly string[],
  logger: Logger,
): ScheduledSealing => {
  if (key === undefined) throw new Error("No key to seal the audit trail.");
  const seal = async () => {
    try {
      const sealing = await sealEvents(database, key);
      // When the log is stored on another machine, an attacker in the database cannot change it: see `audit
      // verify --head`.
      if (sealing !== null && sealing.sealed > 0)
        logger.info({ events: sealing.sealed, head: writeHead(sealing.head) }, "audit trail sealed");
    } catch (error) {
      logger.warn({ error: describeForLog(error) }, "failed to seal the audit trail");
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
