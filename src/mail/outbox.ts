// The outbox, without a mail server: each message is a file that mail programs open.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Logger } from "pino";
import { type Deliver, mailOptions } from "./delivery.ts";

export interface Outbox {
  readonly dataDir: string;
  /** For development only: a reader of the log could use the links. */
  readonly logsLinks: boolean;
  readonly logger: Logger;
}

export const createOutboxDelivery = ({ dataDir, logsLinks, logger }: Outbox): Deliver => {
  const directory = join(dataDir, "outbox");
  const writer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return async (message) => {
    const { message: bytes } = await writer.sendMail(mailOptions(message));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Named after the job, so that a retry replaces the file; renamed into place, so that nobody reads half a file.
    const name = `${message.messageId.replaceAll(/^<|@.*$/g, "")}-${message.template}.eml`;
    const draft = join(directory, `.${name}.${process.pid}`);
    await writeFile(draft, bytes as Buffer, { mode: 0o600, flush: true });
    await rename(draft, join(directory, name));
    if (logsLinks && message.link !== null)
      logger.info({ template: message.template, link: message.link }, "link of a mail in the outbox");
  };
};
