// Opens mail for a configuration: SMTP when a server is set, otherwise the outbox.
import type { Logger } from "pino";
import { deriveOneTimeKeys } from "../auth/secrets/one-time-tokens.ts";
import type { Config } from "../config/config.ts";
import type { OpenDatabase } from "../database/open.ts";
import { createOutboxDelivery } from "./outbox.ts";
import { createSender } from "./send.ts";
import { createSmtpDelivery } from "./smtp.ts";
import { type MailWorker, startMailWorker } from "./worker.ts";

export interface MailParts {
  readonly config: Config;
  readonly opened: OpenDatabase;
  readonly sessionSecrets: readonly string[];
  readonly logger: Logger;
}

/** Starts at once, and waits for a database and tables that are not ready yet. */
export const openMail = ({ config, opened, sessionSecrets, logger }: MailParts): MailWorker => {
  const { mail, publicUrl, dataDir, production } = config;
  const deliver = mail.smtp
    ? createSmtpDelivery(mail.smtp)
    : createOutboxDelivery({ dataDir, logsLinks: !production, logger });
  const send = createSender({
    database: opened.database,
    keys: deriveOneTimeKeys(sessionSecrets),
    links: mail.links,
    service: publicUrl.hostname,
    from: mail.from,
    deliver,
  });
  return startMailWorker({ schema: opened.schema, createPool: opened.createPool, send, logger });
};
