// Composes the message of a job: recipient, name, language and link. It is composed when it is sent, so that no job holds a secret.
import { sql } from "kysely";
import type { MailedCodeKeys } from "../auth/challenges/code-secrets.ts";
import { findSendableCode } from "../auth/challenges/mailed-codes.ts";
import { issueReset } from "../auth/flows/password-reset.ts";
import type { OutgoingMail } from "../auth/outgoing-mail.ts";
import { findSendableToken, type OneTimeKeys } from "../auth/secrets/one-time-tokens.ts";
import { findCanonicalEmail } from "../auth/text/emails.ts";
import type { LinkTemplates } from "../config/mail.ts";
import type { Database } from "../database/tables.ts";
import { type LinkMail, linksOfMails } from "./links.ts";
import { type Message, writeTime } from "./message.ts";
import { knownReader, ownReader, type Reader, stranger } from "./reader.ts";
import { type Look, type Rendered, render } from "./render.ts";
import type { LinkMailText, MailFacts, Template } from "./texts/catalogue.ts";
import { type MailLanguages, speak } from "./texts/languages.ts";

export interface Composed extends Rendered {
  readonly to: string;
  /** Contains the secret. */
  readonly link: string | null;
}

export interface Composition {
  readonly database: Database;
  readonly keys: OneTimeKeys;
  readonly codeKeys: MailedCodeKeys;
  readonly links: LinkTemplates;
  /** The brand's name, or the host of PUBLIC_URL. */
  readonly service: string;
  readonly supportAddress: string | null;
  readonly look: Look;
  readonly languages: MailLanguages;
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
  const found =
    "oneTimeTokenId" in mail
      ? await findLinkMail(composition, mail)
      : "challengeId" in mail
        ? await findCodeMail(composition, mail)
        : mail.template === "reset-requested"
          ? await findReset(composition, mail.address)
          : await findNotice(composition, mail);
  // Header injection: an email that could forge a header or add a second recipient is refused.
  if (found === null || findCanonicalEmail(found.to) === null) return null;
  const message = writeMessage(composition, found, happenedAt);
  return { ...render(message, composition.look), to: found.to, link: found.link?.url ?? null };
};

interface Found<T extends Template = Template> {
  readonly to: string;
  readonly reader: Reader;
  readonly template: T;
  /** Beside those that all templates have. */
  readonly facts: Omit<MailFacts[T], "service" | "when" | "supportAddress">;
  readonly code?: string;
  readonly link?: { readonly url: string; readonly holdsUntil: Date };
}

const writeMessage = (
  { service, supportAddress, languages }: Composition,
  { template, facts, reader, code, link }: Found,
  happenedAt: Date,
): Message => {
  const { language, text, frame } = speak(
    languages,
    template,
    reader.locale,
    (spoken) =>
      ({ service, supportAddress, when: writeTime(happenedAt, spoken), ...facts }) as MailFacts[Template],
  );
  return {
    language,
    subject: text.subject,
    greeting: frame.greeting({ name: reader.name }),
    paragraphs: text.paragraphs,
    unexpected: frame.unexpected({ text: text.unexpected }),
    ...(supportAddress !== null && { support: frame.support({ supportAddress }) }),
    ...(code !== undefined && { code }),
    ...(link && {
      link: {
        label: (text as LinkMailText).label,
        url: link.url,
        validity: frame.validity({ until: writeTime(link.holdsUntil, language) }),
      },
    }),
  };
};

const findLinkMail = async (
  { database, keys, links }: Composition,
  mail: LinkMail,
): Promise<Found | null> => {
  const { template } = mail;
  const { purpose, opens, isToKnown } = linksOfMails[template];
  const token = await findSendableToken(database, keys, mail.oneTimeTokenId);
  const user = await findUser(database, mail.userId);
  if (token === null || user === undefined) return null;
  if (token.purpose !== purpose || token.userId !== mail.userId)
    throw new Error(`A job of ${template} names a one-time token that is not for it.`);
  const isOwn = user.isVerified && user.email === token.sentTo;
  return {
    to: token.sentTo,
    reader: isOwn ? ownReader(user) : isToKnown ? knownReader(user) : stranger,
    template,
    facts: {},
    link: { url: links[opens].replace("{token}", token.secret), holdsUntil: token.expiresAt },
  };
};

/** A retried job replaces the link that it may have sent before. */
const findReset = async (composition: Composition, address: string): Promise<Found | null> => {
  const issued = await issueReset(composition.database, composition.keys, address);
  return issued && findLinkMail(composition, { template: "reset-password", ...issued });
};

type CodeMail = Extract<OutgoingMail, { challengeId: string }>;

/** No mail to an email that nobody has, as for a reset. A code of a session goes to a proven email only. */
const findCodeMail = async (
  { database, codeKeys, links }: Composition,
  { template, challengeId, device, ipAddress }: CodeMail,
): Promise<Found | null> => {
  const found = await findSendableCode(database, codeKeys, challengeId);
  if (found === null) return null;
  const { code, pendingToken, sentTo, expiresAt: holdsUntil } = found;
  const user = await selectUsers(database)
    .where("canonical_email", "=", sentTo)
    .where("is_active", "=", true)
    .executeTakeFirst();
  if (user === undefined || user.email === null) return null;
  const reader = user.isVerified ? ownReader(user) : stranger;
  const mail = { to: user.email, reader, template, facts: { device, ipAddress }, code };
  if (template === "reauthentication-code") return user.id === found.userId && user.isVerified ? mail : null;
  const url = links.login.replace("{token}", pendingToken).replace("{code}", code);
  return { ...mail, link: { url, holdsUntil } };
};

type Notice = Exclude<OutgoingMail, LinkMail | CodeMail | { template: "reset-requested" }>;

const findNotice = async ({ database }: Composition, mail: Notice): Promise<Found | null> => {
  if (mail.template === "account-deleted") {
    const { template, username, address, locale = null } = mail;
    return { to: address, reader: { name: username, locale }, template, facts: {} };
  }
  const user = await findUser(database, mail.userId);
  if (user === undefined || user.email === null) return null;
  // An unverified email may belong to a stranger: by registering with it, an attacker could send mail with
  // texts of their own to it. The notice that someone tried to register an existing email is the exception:
  // it has a rate limit, and only the email's owner can judge it.
  if (!user.isVerified && mail.template !== "address-taken") return null;
  return {
    to: user.email,
    reader: user.isVerified ? ownReader(user) : stranger,
    template: mail.template,
    facts: factsOf(mail, user.username),
  };
};

const factsOf = (mail: Notice, username: string): Found["facts"] => {
  switch (mail.template) {
    case "password-changed": {
      const { by = "user", accessTokens = null } = mail;
      return { by, accessTokens };
    }
    case "password-set":
    case "second-factors-reset":
      return { accessTokens: mail.accessTokens };
    case "identity-removed":
      return { provider: mail.provider, accessTokens: mail.accessTokens };
    case "identity-linked":
    case "identity-unlinked":
      return { provider: mail.provider };
    case "username-changed":
      return { previousUsername: mail.previousUsername, username };
    case "access-token-created":
      return { name: mail.name };
    case "second-factor-added":
    case "second-factor-removed":
      return { factor: mail.factor };
    case "recovery-code-used":
      return { left: mail.left };
    case "passkey-counter-fell":
      return { name: mail.name, isAccepted: mail.isAccepted };
    case "roles-changed":
      return { roles: mail.roles };
    case "impersonated":
      return { by: mail.by };
    case "new-device":
      return { device: mail.device, ipAddress: mail.ipAddress };
    default:
      return {};
  }
};

const findUser = (database: Database, id: string) =>
  selectUsers(database).where("id", "=", id).executeTakeFirst();

const selectUsers = (database: Database) =>
  database
    .selectFrom("users")
    .select([
      "id",
      "username",
      "display_name as displayName",
      "locale",
      "email",
      sql<boolean>`email_verified_at is not null`.as("isVerified"),
    ]);
