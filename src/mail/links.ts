// Mails with a link: the purpose of its one-time token, and the page that it opens.
import type { OutgoingMail } from "../auth/outgoing-mail.ts";
import type { Purpose } from "../auth/secrets/one-time-tokens.ts";
import type { LinkTemplates } from "../config/mail.ts";

export type LinkMail = Extract<OutgoingMail, { oneTimeTokenId: string }>;

interface LinkOfMail {
  readonly purpose: Purpose;
  readonly opens: keyof LinkTemplates;
  /**
   * The reader knows the account, so the message may contain its username, even when the email is unverified.
   */
  readonly isToKnown?: true;
}

export const linksOfMails: Readonly<Record<LinkMail["template"], LinkOfMail>> = {
  "verify-address": { purpose: "verify-address", opens: "verify" },
  "reset-password": { purpose: "reset-password", opens: "reset" },
  "address-change-confirm": { purpose: "change-address", opens: "confirmAddress" },
  "address-changed": { purpose: "undo-address-change", opens: "undoAddress", isToKnown: true },
  invitation: { purpose: "invitation", opens: "reset", isToKnown: true },
};
