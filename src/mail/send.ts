// One attempt at one job: composes the message and delivers it. Its errors may be stored and logged.
import { outgoingMail } from "../auth/outgoing-mail.ts";
import type { Mailbox } from "../config/mail.ts";
import { isDatabaseError } from "../database/error-texts.ts";
import { isDatabaseUnavailable } from "../database/failures.ts";
import { type Composition, findMessage } from "./compose.ts";
import type { Deliver } from "./delivery.ts";

export interface MailJob {
  readonly id: string;
  readonly created_at: Date;
  readonly payload: unknown;
}

export interface Sending extends Composition {
  /** The host of PUBLIC_URL. */
  readonly host: string;
  readonly from: Mailbox;
  readonly deliver: Deliver;
}

/** False when there was nothing to send any more. */
export type SendMail = (job: MailJob, signal: AbortSignal) => Promise<boolean>;

export const createSender =
  ({ host, from, deliver, ...composition }: Sending): SendMail =>
  async (job, signal) => {
    try {
      const mail = outgoingMail.parse(job.payload);
      const composed = await findMessage(composition, mail, job.created_at);
      if (composed === null) return false;
      // With the time, because job ids start again in a new database. The time comes first, so that an outbox
      // is sorted.
      const messageId = `<${job.created_at.getTime()}.${job.id}@${host}>`;
      await deliver({ ...composed, from, template: mail.template, messageId }, signal);
      return true;
    } catch (error) {
      throw storable(error);
    }
  };

/** The worker stores the text, and the text of a database error can hold SQL with values. */
const storable = (error: unknown): unknown => {
  if (!(error instanceof Error) || !(isDatabaseError(error) || isDatabaseUnavailable(error))) return error;
  return new Error(`The database is not available: ${"code" in error ? String(error.code) : error.name}`);
};
