// Messages with a link: the text of each, the purpose of its one-time token, and the page it opens.

import type { OutgoingMail } from "../auth/outgoing-mail.ts";
import type { Purpose } from "../auth/secrets/one-time-tokens.ts";
import type { LinkTemplates } from "../config/mail.ts";
import type { Circumstances, Message } from "./message.ts";

export type LinkMail = Extract<OutgoingMail, { oneTimeTokenId: string }>;

export interface LinkMessage {
  readonly purpose: Purpose;
  readonly opens: keyof LinkTemplates;
  readonly label: string;
  /**
   * The reader knows the account, so the message may contain its username, even when the email is unverified.
   */
  readonly isToKnown?: true;
  readonly say: (circumstances: Circumstances) => Omit<Message, "link">;
}

export const linkMessages: Readonly<Record<LinkMail["template"], LinkMessage>> = {
  "verify-address": {
    purpose: "verify-address",
    opens: "verify",
    label: "Confirm this email",
    say: ({ service }) => ({
      subject: "Confirm your email",
      paragraphs: [
        `This email was entered for an account at ${service}. If the account is yours, confirm the email. You will be asked to log in.`,
      ],
      unexpected:
        "Do nothing. Somebody may have mistyped their email, and it is not confirmed without this link.",
    }),
  },
  "reset-password": {
    purpose: "reset-password",
    opens: "reset",
    label: "Choose a new password",
    say: ({ service }) => ({
      subject: "Choose a new password",
      paragraphs: [
        `Somebody asked to reset the password of your account at ${service}. Use the link below to choose a new password.`,
        "This logs you out everywhere and ends your access tokens.",
      ],
      unexpected: "Do nothing: your password stays the same. Never share this link.",
    }),
  },
  "address-change-confirm": {
    purpose: "change-address",
    opens: "confirmAddress",
    label: "Use this email",
    say: ({ service }) => ({
      subject: "Confirm your new email",
      paragraphs: [
        // The link alone is enough, and the reader may be a stranger: see
        // docs/decisions/change-of-address.md.
        `Somebody asked to use this email for an account at ${service}. Confirm this only if the account is yours.`,
      ],
      unexpected: "Do nothing: without this link the account keeps its old email.",
    }),
  },
  "address-changed": {
    purpose: "undo-address-change",
    opens: "undoAddress",
    label: "Undo the change",
    isToKnown: true,
    say: ({ service }) => ({
      subject: "Your email was changed",
      paragraphs: [
        `The email of your account at ${service} was changed. We no longer send mail to this email.`,
      ],
      unexpected:
        "Somebody has access to your account. Undo the change with the link above, then choose a new password.",
    }),
  },
  invitation: {
    purpose: "invitation",
    opens: "reset",
    label: "Choose a password",
    isToKnown: true,
    say: ({ service }) => ({
      subject: `You have an account at ${service}`,
      paragraphs: [`An administrator created an account for you at ${service}. Choose a password to use it.`],
      unexpected: "Do nothing: nobody can log in to the account until a password is chosen.",
    }),
  },
};
