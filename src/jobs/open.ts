// The background jobs of a server: pruning, sealing the audit trail, skeletons of usernames, sending mail, and the application's.
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { OpenDatabaseWithEntities } from "../database/open.ts";
import { type ApplicationMail, openMail } from "../mail/open-mail.ts";
import { type ApplicationJobs, openApplicationJobs } from "./application-jobs.ts";
import { schedulePruning } from "./pruning.ts";
import { scheduleSealing } from "./sealing.ts";
import { scheduleSkeletons } from "./skeletons.ts";

export interface JobParts {
  readonly config: Config;
  readonly opened: OpenDatabaseWithEntities;
  readonly sessionSecrets: readonly string[];
  readonly auditKeys: readonly string[];
  readonly logger: Logger;
  /** The application's. Null: it has none. */
  readonly application: ApplicationJobs | null;
  readonly applicationMail: ApplicationMail;
}

export interface OpenJobs {
  /** Takes no new work, and lets mail being sent finish within `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

export async function openJobs({
  config,
  opened,
  sessionSecrets,
  auditKeys,
  logger,
  application,
  applicationMail,
}: JobParts): Promise<OpenJobs> {
  // First, because it throws for a mistake in the application.
  const own = application === null ? null : await openApplicationJobs({ jobs: application, opened, logger });
  const retention = { keep: config.auditRetention, requireKeys: async () => auditKeys };
  const stopPruning = schedulePruning(opened.background, retention, logger);
  const sealing = scheduleSealing(opened.background, auditKeys, logger);
  const stopSkeletons = scheduleSkeletons(opened.background, logger);
  const mail = openMail({ config, opened, sessionSecrets, logger, application: applicationMail });
  return {
    async close(grace) {
      stopPruning();
      await Promise.all([mail.close(grace), own?.close(grace)]);
      await sealing.stop();
      await stopSkeletons();
    },
  };
}
