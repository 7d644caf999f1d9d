// Enqueues mail in the transaction of the change that it reports. Knows neither its text nor its transport.
import { sql } from "kysely";
import { z } from "zod";
import { inJobs } from "../database/own-schema.ts";
import type { Database } from "../database/tables.ts";
import { currentTraceHeaders } from "../tracing/traceparent.ts";

const userId = z.uuid();
const factor = z.enum(["TOTP", "PASSKEY"]);
const link = { userId, oneTimeTokenId: z.uuid() };
/** The code follows from the id, with a key outside the database. The rest is who asked for it. */
const code = { challengeId: z.uuid(), device: z.string().nullable(), ipAddress: z.string().nullable() };

/**
 * Contains no secret, and an email only where there may be no user, or will be none: the recipient is looked up when the mail is
 * sent. A link goes to the email that its one-time token was issued for.
 */
export const outgoingMail = z.discriminatedUnion("template", [
  z.object({ template: z.literal("verify-address"), ...link }),
  z.object({ template: z.literal("reset-password"), ...link }),
  /** To the new email. */
  z.object({ template: z.literal("address-change-confirm"), ...link }),
  /** To the old email, with the undo link. */
  z.object({ template: z.literal("address-changed"), ...link }),
  z.object({ template: z.literal("invitation"), ...link }),
  /** Whether the email belongs to a user is looked up by the worker, so that the request takes the same time for every email. */
  z.object({ template: z.literal("reset-requested"), address: z.string() }),
  /** To the email of the challenge, if a user has it: the worker looks, as for `reset-requested`. */
  z.object({ template: z.literal("login-code"), ...code }),
  z.object({ template: z.literal("reauthentication-code"), userId, ...code }),
  /** A mailed code opened an account whose email was never proven. */
  z.object({ template: z.literal("password-removed"), userId }),
  /** Somebody tried to register with this user's email, or to change to it. */
  z.object({ template: z.literal("address-taken"), userId }),
  /** `accessTokens`: names of the tokens that stay valid; absent when all were revoked. */
  z.object({
    template: z.literal("password-changed"),
    userId,
    accessTokens: z.array(z.string()).optional(),
    by: z.literal("operator").optional(),
  }),
  /** The first of a user who has logged in without one. `accessTokens`: names of the tokens that stay valid. */
  z.object({ template: z.literal("password-set"), userId, accessTokens: z.array(z.string()) }),
  z.object({ template: z.literal("second-factor-added"), userId, factor }),
  z.object({ template: z.literal("second-factor-removed"), userId, factor }),
  /** By an administrator or the operator. */
  z.object({
    template: z.literal("second-factors-reset"),
    userId,
    /** Names of the tokens that stay valid. */
    accessTokens: z.array(z.string()).default([]),
  }),
  z.object({ template: z.literal("recovery-codes-replaced"), userId }),
  z.object({ template: z.literal("recovery-code-used"), userId, left: z.number() }),
  z.object({
    template: z.literal("passkey-counter-fell"),
    userId,
    name: z.string(),
    isAccepted: z.boolean(),
  }),
  /** `provider`: its name, as buttons show it. */
  z.object({ template: z.literal("identity-linked"), userId, provider: z.string() }),
  z.object({ template: z.literal("identity-unlinked"), userId, provider: z.string() }),
  /** The same by an administrator or the operator, with the names of the tokens that stay valid. */
  z.object({
    template: z.literal("identity-removed"),
    userId,
    provider: z.string(),
    accessTokens: z.array(z.string()),
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
  /** `locale`: absent in jobs of an older version. */
  z.object({
    template: z.literal("account-deleted"),
    username: z.string(),
    address: z.string(),
    locale: z.string().nullable().optional(),
  }),
]);

export type OutgoingMail = z.infer<typeof outgoingMail>;
export type MailTemplate = OutgoingMail["template"];

export const mailTemplates: readonly MailTemplate[] = outgoingMail.options.map(
  ({ shape }) => shape.template.value,
);

/** One task per template: a server of an older version skips the templates that it does not know. */
export const mailTask = (template: MailTemplate): string => `mail:${template}`;

/** Waits 2.7 s, 7.4 s, 20 s and so on, up to 6 hours: the seventeenth attempt is made two days after the first. */
const maxAttempts = 17;

/** Sent if, and only if, the transaction commits. */
export const enqueueMail = async (transaction: Database, mail: OutgoingMail): Promise<void> => {
  await sql`select ${mailJob(mail)}`.execute(transaction);
};

/** For use inside a larger statement. The mail continues the trace of its request; a server that records none ignores that. */
export const mailJob = (mail: OutgoingMail) =>
  sql`${inJobs("add_job")}(${mailTask(mail.template)}, ${JSON.stringify({ ...mail, ...currentTraceHeaders() })}::json, max_attempts => ${maxAttempts}::int)`;

/**
 * Deletes waiting and failed mail of a user who is being deleted: nobody would get it, and its names, emails and devices would be
 * kept. A job in progress is sent, or dropped by its next attempt.
 */
export const cancelMailOf = async (
  transaction: Database,
  { userId, address }: { readonly userId: string; readonly address: string | null },
): Promise<void> => {
  // The library's own view leaves the payload out.
  await sql`
    select ${inJobs("complete_jobs")}(array(
      select jobs.id from ${inJobs("jobs")} as jobs join ${inJobs("_private_jobs")} as stored using (id)
      where task_identifier like 'mail:%' and payload->>'userId' = ${userId}::text
        or task_identifier = ${mailTask("reset-requested")} and payload->>'address' = ${address}::text))`.execute(
    transaction,
  );
};

/** Deletes all waiting and failed mail. Returns how many. */
export const cancelAllMail = async (transaction: Database): Promise<number> => {
  const { rows } = await sql`
    select ${inJobs("complete_jobs")}(array(
      select id from ${inJobs("jobs")} where task_identifier like 'mail:%'))`.execute(transaction);
  return rows.length;
};
