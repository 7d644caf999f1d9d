// Opens mail: the application's transport, or SMTP when a server is set, otherwise the outbox.
import type { Logger } from "pino";
import { deriveMailedCodeKeys } from "../auth/challenges/code-secrets.ts";
import { deriveOneTimeKeys } from "../auth/secrets/one-time-tokens.ts";
import type { Brand } from "../brand/brand.ts";
import type { Config } from "../config/config.ts";
import { defaultSenderName, type Mailbox } from "../config/mail.ts";
import type { OpenDatabase } from "../database/open.ts";
import { createOutboxDelivery } from "./outbox.ts";
import { createSender } from "./send.ts";
import { createSmtpDelivery } from "./smtp.ts";
import type { MailLanguages } from "./texts/languages.ts";
import { createTransportDelivery, type MailTransport } from "./transport.ts";
import { type MailWorker, startMailWorker } from "./worker.ts";

/** What an application says of mail. */
export interface ApplicationMail {
  readonly brand: Brand;
  readonly languages: MailLanguages;
  /** Null: SMTP_URL, or the outbox. */
  readonly transport: MailTransport | null;
}

export interface MailParts {
  readonly config: Config;
  readonly opened: OpenDatabase;
  readonly sessionSecrets: readonly string[];
  readonly logger: Logger;
  readonly application: ApplicationMail;
}

/** Starts at once, and waits for a database and tables that are not ready yet. */
export const openMail = ({ config, opened, sessionSecrets, logger, application }: MailParts): MailWorker => {
  const { mail, publicUrl, dataDir, production } = config;
  const { brand, languages, transport } = application;
  const deliver = transport
    ? createTransportDelivery(transport)
    : mail.smtp
      ? createSmtpDelivery(mail.smtp)
      : createOutboxDelivery({ dataDir, logsLinks: !production, logger });
  const send = createSender({
    database: opened.database,
    keys: deriveOneTimeKeys(sessionSecrets),
    codeKeys: deriveMailedCodeKeys(sessionSecrets),
    links: mail.links,
    service: brand.name ?? publicUrl.hostname,
    supportAddress: brand.supportAddress,
    look: { heading: brand.name, shades: brand.color?.onWhite ?? null },
    languages,
    host: publicUrl.hostname,
    from: nameSender(mail.from, brand),
    deliver,
  });
  return startMailWorker({ schema: opened.schema, createPool: opened.createPool, send, logger });
};

/** MAIL_FROM may name another. */
const nameSender = ({ name, address }: Mailbox, brand: Brand): Mailbox => ({
  name: name === "" || name === defaultSenderName ? (brand.name ?? name) : name,
  address,
});
