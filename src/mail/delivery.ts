// How a message leaves: by SMTP, or into the outbox. Both say the same in the log, and fail with what a log may hold.
import type { Mailbox } from "../config/mail.ts";
import type { Composed } from "./compose.ts";

export interface Envelope extends Composed {
  /** The same at every attempt: a mailbox that gets it twice can show it once. */
  readonly messageId: string;
  readonly template: string;
  readonly from: Mailbox;
}

/** Throws a DeliveryFailure when it should be tried again. */
export type Deliver = (message: Envelope, signal: AbortSignal) => Promise<void>;

/** Its text goes into the log and into the jobs table: it never repeats what a server said, which may quote the message. */
export class DeliveryFailure extends Error {
  override readonly name = "DeliveryFailure";
}

/** In nodemailer's words. Address objects: a text would be parsed, and could hold more addresses than one. */
export const mailOptions = ({ from, to, subject, text, html, messageId }: Envelope) => ({
  from: { ...from },
  to: { name: "", address: to },
  envelope: { from: from.address, to: [to] },
  subject,
  text,
  html,
  messageId,
  // RFC 3834: no holiday notice comes back.
  headers: { "Auto-Submitted": "auto-generated" },
  disableFileAccess: true,
  disableUrlAccess: true,
});
