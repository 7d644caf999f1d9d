// The background jobs of a server: pruning, sealing the audit trail, skeletons of usernames, sending mail.
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { OpenDatabase } from "../database/open.ts";
import { openMail } from "../mail/open-mail.ts";
import { schedulePruning } from "./pruning.ts";
import { scheduleSealing } from "./sealing.ts";
import { scheduleSkeletons } from "./skeletons.ts";

export interface JobParts {
  readonly config: Config;
  readonly opened: OpenDatabase;
  readonly sessionSecrets: readonly string[];
  readonly auditKeys: readonly string[];
  readonly logger: Logger;
}

export interface OpenJobs {
  /** Takes no new work, and lets mail being sent finish within `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

export function openJobs({ config, opened, sessionSecrets, auditKeys, logger }: JobParts): OpenJobs {
  const retention = { keep: config.auditRetention, requireKeys: async () => auditKeys };
  const stopPruning = schedulePruning(opened.background, retention, logger);
  const sealing = scheduleSealing(opened.background, auditKeys, logger);
  const stopSkeletons = scheduleSkeletons(opened.background, logger);
  const mail = openMail({ config, opened, sessionSecrets, logger });
  return {
    async close(grace) {
      stopPruning();
      await mail.close(grace);
      await sealing.stop();
      await stopSkeletons();
    },
  };
}
