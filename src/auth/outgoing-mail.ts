// Mail that a rule asks for: a job, written in the transaction of what it tells of. How it looks and travels is not known here.
import { sql } from "kysely";
import { z } from "zod";
import type { Database } from "../database/tables.ts";

const userId = z.uuid();
const link = { userId, oneTimeTokenId: z.uuid() };

/**
 * No secret, and no address but where there may be no account, or will be none: who gets it is looked up when it is sent. A link goes to the
 * address that its one-time token was issued for.
 */
export const outgoingMail = z.discriminatedUnion("template", [
  z.object({ template: z.literal("verify-address"), ...link }),
  z.object({ template: z.literal("reset-password"), ...link }),
  /** To the new address. */
  z.object({ template: z.literal("address-change-confirm"), ...link }),
  /** To the old address, with the link that takes it back. */
  z.object({ template: z.literal("address-changed"), ...link }),
  z.object({ template: z.literal("invitation"), ...link }),
  /** Whether that address has an account is looked up when it is sent: asking must take the same time for any address. */
  z.object({ template: z.literal("reset-requested"), address: z.string() }),
  /** Somebody tried to register with the address of this account, or to change to it. */
  z.object({ template: z.literal("address-taken"), userId }),
  /** `accessTokens`: names of those that stay; left out when all have ended. */
  z.object({
    template: z.literal("password-changed"),
    userId,
    accessTokens: z.array(z.string()).optional(),
    by: z.literal("operator").optional(),
  }),
  z.object({ template: z.literal("username-changed"), userId, previousUsername: z.string() }),
  z.object({ template: z.literal("access-token-created"), userId, name: z.string() }),
  z.object({ template: z.literal("token-leaked"), userId }),
  z.object({ template: z.literal("roles-changed"), userId, roles: z.array(z.string()) }),
  z.object({ template: z.literal("impersonated"), userId, by: z.string() }),
  z.object({
    template: z.literal("new-device"),
    userId,
    device: z.string().nullable(),
    ipAddress: z.string().nullable(),
  }),
  z.object({ template: z.literal("account-deleted"), username: z.string(), address: z.string() }),
]);

export type OutgoingMail = z.infer<typeof outgoingMail>;
export type MailTemplate = OutgoingMail["template"];

export const mailTemplates: readonly MailTemplate[] = outgoingMail.options.map(
  ({ shape }) => shape.template.value,
);

/** Each template is a task of its own: a server of an older version leaves alone what it cannot write. */
export const mailTask = (template: MailTemplate): string => `mail:${template}`;

/** Waits 2.7 s, 7.4 s, 20 s and so on, at most 6 hours: the seventeenth attempt is made two days after the first. */
const maxAttempts = 17;

/** Nothing is sent unless the transaction is committed, and what is committed is sent. */
export const enqueueMail = async (transaction: Database, mail: OutgoingMail): Promise<void> => {
  await sql`select ${mailJob(mail)}`.execute(transaction);
};

/** For a statement that does more than this. */
export const mailJob = (mail: OutgoingMail) =>
  sql`graphile_worker.add_job(${mailTask(mail.template)}, ${JSON.stringify(mail)}::json, max_attempts => ${maxAttempts}::int)`;

/**
 * Deletes what waits or has failed for an account that is being deleted: nobody would get it, and the names, addresses and
 * devices in it would be kept. What is under way at this moment is sent, or dropped by the next attempt.
 */
export const cancelMailOf = async (
  transaction: Database,
  { userId, address }: { readonly userId: string; readonly address: string | null },
): Promise<void> => {
  // The library's own view leaves the payload out.
  await sql`
    select graphile_worker.complete_jobs(array(
      select jobs.id from graphile_worker.jobs join graphile_worker._private_jobs as stored using (id)
      where task_identifier like 'mail:%' and payload->>'userId' = ${userId}::text
        or task_identifier = ${mailTask("reset-requested")} and payload->>'address' = ${address}::text))`.execute(
    transaction,
  );
};
