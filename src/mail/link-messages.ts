// Messages with a link: what each says, what its one-time token must be for, and what it opens.

import type { OutgoingMail } from "../auth/outgoing-mail.ts";
import type { Purpose } from "../auth/secrets/one-time-tokens.ts";
import type { LinkTemplates } from "../config/mail.ts";
import type { Circumstances, Message } from "./message.ts";

export type LinkMail = Extract<OutgoingMail, { oneTimeTokenId: string }>;

export interface LinkMessage {
  readonly purpose: Purpose;
  readonly opens: keyof LinkTemplates;
  readonly label: string;
  /** Whoever reads it knows the account: its name may be in it, proven as the address may be or not. */
  readonly isToKnown?: true;
  readonly say: (circumstances: Circumstances) => Omit<Message, "link">;
}

export const linkMessages: Readonly<Record<LinkMail["template"], LinkMessage>> = {
  "verify-address": {
    purpose: "verify-address",
    opens: "verify",
    label: "Confirm this address",
    say: ({ service }) => ({
      subject: "Confirm your e-mail address",
      paragraphs: [
        `This address was given for an account at ${service}. Confirm that it is yours. You will be asked to log in.`,
      ],
      unexpected:
        "Somebody may have mistyped their address. Do nothing: without this link it is not confirmed.",
    }),
  },
  "reset-password": {
    purpose: "reset-password",
    opens: "reset",
    label: "Choose a new password",
    say: ({ service }) => ({
      subject: "Choose a new password",
      paragraphs: [
        `Somebody asked to reset the password of your account at ${service}. The link below lets you choose a new one.`,
        "Doing so logs you out everywhere, and ends your access tokens.",
      ],
      unexpected: "Do nothing: your password stays as it is. Never pass this link on.",
    }),
  },
  "address-change-confirm": {
    purpose: "change-address",
    opens: "confirmAddress",
    label: "Use this address",
    say: ({ service }) => ({
      subject: "Confirm your new e-mail address",
      paragraphs: [
        // The link is enough, and the reader may be a stranger: see docs/decisions/change-of-address.md.
        `An account at ${service} is to have this address from now on. Confirm that only if the account is yours.`,
      ],
      unexpected: "Do nothing: without this link the account keeps the address it has.",
    }),
  },
  "address-changed": {
    purpose: "undo-address-change",
    opens: "undoAddress",
    label: "Take the change back",
    isToKnown: true,
    say: ({ service }) => ({
      subject: "Your e-mail address was changed",
      paragraphs: [
        `Your account at ${service} has another e-mail address now. Mail no longer comes to this one.`,
      ],
      unexpected:
        "Take the change back with the link above, and choose a new password: somebody is in your account.",
    }),
  },
  invitation: {
    purpose: "invitation",
    opens: "reset",
    label: "Choose a password",
    isToKnown: true,
    say: ({ service }) => ({
      subject: `You have an account at ${service}`,
      paragraphs: [`An administrator made an account for you at ${service}. Choose a password to use it.`],
      unexpected: "Do nothing: nobody can log in to the account until a password is chosen.",
    }),
  },
};
