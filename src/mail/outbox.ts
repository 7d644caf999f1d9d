// Without a mail server: each message is a file that mail programs open.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Logger } from "pino";
import { type Deliver, mailOptions } from "./delivery.ts";

export interface Outbox {
  readonly dataDir: string;
  /** Only for people who develop: whoever reads a log could open accounts with it. */
  readonly logsLinks: boolean;
  readonly logger: Logger;
}

export const createOutboxDelivery = ({ dataDir, logsLinks, logger }: Outbox): Deliver => {
  const directory = join(dataDir, "outbox");
  const writer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return async (message) => {
    const { message: bytes } = await writer.sendMail(mailOptions(message));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Named after the job, so that a second attempt takes the place of the first; renamed, so that nobody reads half of one.
    const name = `${message.messageId.replaceAll(/^<|@.*$/g, "")}-${message.template}.eml`;
    const draft = join(directory, `.${name}.${process.pid}`);
    await writeFile(draft, bytes as Buffer, { mode: 0o600, flush: true });
    await rename(draft, join(directory, name));
    if (logsLinks && message.link !== null)
      logger.info({ template: message.template, link: message.link }, "this link would be in a mail");
  };
};
