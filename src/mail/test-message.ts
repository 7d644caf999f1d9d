// A message that an operator sends to see whether mail works.
import { randomUUID } from "node:crypto";
import type { Config } from "../config/config.ts";
import { english } from "../languages.ts";
import { createLogger } from "../log.ts";
import type { Envelope } from "./delivery.ts";
import { createOutboxDelivery } from "./outbox.ts";
import { plainLook, render } from "./render.ts";
import { sendAndQuote } from "./smtp.ts";
import { englishMail } from "./texts/english.ts";

const silent = createLogger({ logLevel: "silent" }, { write: () => undefined });

export interface TestResult {
  readonly from: string;
  /** Null when there is no mail server, and the message is in the outbox. */
  readonly server: string | null;
  readonly greeting: string | null;
  readonly response: string | null;
}

/** Sends at once, past the queue. Throws an error with what the mail server said. */
export async function sendTestMessage(
  { mail, publicUrl, dataDir }: Pick<Config, "mail" | "publicUrl" | "dataDir">,
  to: string,
): Promise<TestResult> {
  const service = publicUrl.hostname;
  const message: Envelope = {
    ...render(
      {
        language: english,
        subject: `Test message from ${service}`,
        paragraphs: [`${service} can send mail to you.`],
        greeting: englishMail.greeting({ name: null }),
        unexpected: englishMail.unexpected({
          text: "an operator of the service has mistyped an email. You need not do anything.",
        }),
      },
      plainLook,
    ),
    to,
    link: null,
    from: mail.from,
    template: "test",
    messageId: `<${Date.now()}.${randomUUID()}@${service}>`,
  };
  const from = mail.from.address;
  if (mail.smtp === null) {
    const deliver = createOutboxDelivery({ dataDir, logsLinks: false, logger: silent });
    await deliver(message, new AbortController().signal);
    return { from, server: null, greeting: null, response: null };
  }
  const { host, port, greeting } = mail.smtp;
  const server = port === null ? host : `${host}:${port}`;
  return { from, server, greeting, response: await sendAndQuote(mail.smtp, message) };
}
