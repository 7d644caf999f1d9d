// Delivers a message by SMTP or into the outbox. Both log the same, and fail with errors that may be logged.
import type { Mailbox } from "../config/mail.ts";
import type { Composed } from "./compose.ts";

export interface Envelope extends Composed {
  /** The same at every attempt, so that a mailbox can recognise duplicates. */
  readonly messageId: string;
  readonly template: string;
  readonly from: Mailbox;
}

/** Throws a DeliveryFailure when a later attempt may succeed. */
export type Deliver = (message: Envelope, signal: AbortSignal) => Promise<void>;

/**
 * Its text is stored in the log and in the jobs table: it never repeats the mail server's response, which may
 * quote the message.
 */
export class DeliveryFailure extends Error {
  override readonly name = "DeliveryFailure";
}

/**
 * In nodemailer's format. Addresses are objects: nodemailer would parse a string, which could hold several addresses.
 */
export const mailOptions = ({ from, to, subject, text, html, messageId }: Envelope) => ({
  from: { ...from },
  to: { name: "", address: to },
  envelope: { from: from.address, to: [to] },
  subject,
  text,
  html,
  messageId,
  // RFC 3834: suppresses automatic replies.
  headers: { "Auto-Submitted": "auto-generated" },
  disableFileAccess: true,
  disableUrlAccess: true,
});
