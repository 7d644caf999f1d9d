// Composes the message of a job: recipient, name and link. It is composed when it is sent, so that no job holds a secret.
import { sql } from "kysely";
import { issueReset } from "../auth/flows/password-reset.ts";
import type { OutgoingMail } from "../auth/outgoing-mail.ts";
import { findSendableToken, type OneTimeKeys } from "../auth/secrets/one-time-tokens.ts";
import { findCanonicalEmail } from "../auth/text/emails.ts";
import type { LinkTemplates } from "../config/mail.ts";
import type { Database } from "../database/tables.ts";
import { type LinkMail, linkMessages } from "./link-messages.ts";
import type { Circumstances, Message } from "./message.ts";
import { notices } from "./notices.ts";
import { type Rendered, render } from "./render.ts";

export interface Composed extends Rendered {
  readonly to: string;
  /** Contains the secret. */
  readonly link: string | null;
}

export interface Composition {
  readonly database: Database;
  readonly keys: OneTimeKeys;
  readonly links: LinkTemplates;
  /** The host of PUBLIC_URL. */
  readonly service: string;
}

/**
 * Null when there is nothing to send any more: the link was used or has expired, the user or the email was
 * deleted, or the email was never verified.
 */
export const findMessage = async (
  composition: Composition,
  mail: OutgoingMail,
  happenedAt: Date,
): Promise<Composed | null> => {
  const circumstances = { service: composition.service, happenedAt };
  const found =
    "oneTimeTokenId" in mail
      ? await findLinkMail(composition, mail, circumstances)
      : mail.template === "reset-requested"
        ? await findReset(composition, mail.address, circumstances)
        : await findNotice(composition, mail, circumstances);
  // Header injection: an email that could forge a header or add a second recipient is refused.
  if (found === null || findCanonicalEmail(found.to) === null) return null;
  return {
    ...render(found.message, found.username),
    to: found.to,
    link: found.message.link?.url ?? null,
  };
};

interface Found {
  readonly to: string;
  /**
   * Null when the reader may be a stranger: the username is then another person's text, and mail programs
   * turn a name like `prizes.example` into a link.
   */
  readonly username: string | null;
  readonly message: Message;
}

const findLinkMail = async (
  { database, keys, links }: Composition,
  mail: LinkMail,
  circumstances: Circumstances,
): Promise<Found | null> => {
  const { purpose, opens, label, say, isToKnown } = linkMessages[mail.template];
  const token = await findSendableToken(database, keys, mail.oneTimeTokenId);
  const user = await findUser(database, mail.userId);
  if (token === null || user === undefined) return null;
  if (token.purpose !== purpose || token.userId !== mail.userId)
    throw new Error(`A job of ${mail.template} names a one-time token that is not for it.`);
  const url = links[opens].replace("{token}", token.secret);
  return {
    to: token.sentTo,
    username: isToKnown || (user.isVerified && user.email === token.sentTo) ? user.username : null,
    message: { ...say(circumstances), link: { label, url, holdsUntil: token.expiresAt } },
  };
};

/** A retried job replaces the link that it may have sent before. */
const findReset = async (
  composition: Composition,
  address: string,
  circumstances: Circumstances,
): Promise<Found | null> => {
  const issued = await issueReset(composition.database, composition.keys, address);
  return issued && findLinkMail(composition, { template: "reset-password", ...issued }, circumstances);
};

type Notice = Exclude<OutgoingMail, LinkMail | { template: "reset-requested" }>;

const findNotice = async (
  { database }: Composition,
  mail: Notice,
  circumstances: Circumstances,
): Promise<Found | null> => {
  if (mail.template === "account-deleted")
    return {
      to: mail.address,
      username: mail.username,
      message: notices[mail.template](mail, circumstances, mail.username),
    };
  const user = await findUser(database, mail.userId);
  if (user === undefined || user.email === null) return null;
  // An unverified email may belong to a stranger: by registering with it, an attacker could send mail with
  // texts of their own to it. The notice that someone tried to register an existing email is the exception:
  // it has a rate limit, and only the email's owner can judge it.
  if (!user.isVerified && mail.template !== "address-taken") return null;
  const say = notices[mail.template] as (
    mail: Notice,
    circumstances: Circumstances,
    username: string,
  ) => Message;
  return {
    to: user.email,
    username: user.isVerified ? user.username : null,
    message: say(mail, circumstances, user.username),
  };
};

const findUser = (database: Database, id: string) =>
  database
    .selectFrom("users")
    .select(["username", "email", sql<boolean>`email_verified_at is not null`.as("isVerified")])
    .where("id", "=", id)
    .executeTakeFirst();
