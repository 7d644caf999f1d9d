// Messages that tell what happened to an account, so that its owner notices when it was somebody else.
import type { MailTemplate, OutgoingMail } from "../auth/outgoing-mail.ts";
import type { LinkMail } from "./link-messages.ts";
import { type Circumstances, type Message, writeTime } from "./message.ts";

type Notices = {
  readonly [Template in Exclude<MailTemplate, LinkMail["template"] | "reset-requested">]: (
    mail: Extract<OutgoingMail, { template: Template }>,
    circumstances: Circumstances,
    username: string,
  ) => Message;
};

const resetAtOnce =
  "Reset your password at once, which logs everybody out, and look at what else has changed.";

/** One a paragraph, which has a limit of its own: no long name hides the next. */
const quote = (name: string): string => `“${name}”`;

export const notices: Notices = {
  "address-taken": (_mail, { service, happenedAt }) => ({
    subject: "You already have an account",
    paragraphs: [
      `Somebody wanted to use this address for another account at ${service}, on ${writeTime(happenedAt)}. Yours has it, and nothing has changed.`,
      "If that was you, log in, or reset your password if you have forgotten it.",
    ],
    unexpected: "Do nothing: whoever it was has learned nothing.",
  }),
  "password-changed": ({ accessTokens, by }, { service, happenedAt }) => ({
    subject: "Your password was changed",
    paragraphs: [
      `The password of your account at ${service} was changed${by === "operator" ? " by its operator" : ""} on ${writeTime(happenedAt)}. ${
        accessTokens
          ? "Other devices were logged out."
          : "Every device was logged out, and every access token has ended."
      }`,
      ...(accessTokens?.length
        ? [
            "These access tokens of yours stay valid. Revoke those that you do not know:",
            ...accessTokens.map(quote),
          ]
        : []),
    ],
    unexpected:
      by === "operator" ? "Ask whoever runs the service why, unless you asked for it." : resetAtOnce,
  }),
  "username-changed": ({ previousUsername }, { service, happenedAt }, username) => ({
    subject: "Your username was changed",
    paragraphs: [
      `The username of your account at ${service} was changed from ${previousUsername} on ${writeTime(happenedAt)}. It is ${username} now.`,
    ],
    unexpected: resetAtOnce,
  }),
  "access-token-created": ({ name }, { service, happenedAt }) => ({
    subject: "An access token was created",
    paragraphs: [
      `An access token named “${name}” was created for your account at ${service} on ${writeTime(happenedAt)}. Whoever has it can act as you, within its scopes.`,
    ],
    unexpected: `Revoke the token. ${resetAtOnce}`,
  }),
  "token-leaked": (_mail, { service, happenedAt }) => ({
    subject: "A token of yours was found in public",
    paragraphs: [
      `Somebody reported a token of your account at ${service} on ${writeTime(happenedAt)}. It has ended, with the session it belonged to, and opens nothing any more.`,
      "Look where it was: in a repository, a log, a screenshot. Whoever saw it before could act as you.",
    ],
    unexpected: "Log out your other devices and change your password, unless you know how it got out.",
  }),
  "roles-changed": ({ roles }, { service, happenedAt }) => ({
    subject: "What you may do was changed",
    paragraphs: [
      `An administrator changed the roles of your account at ${service} on ${writeTime(happenedAt)}.`,
      roles.length === 0 ? "You have no role now." : `Your roles are now: ${roles.join(", ")}.`,
    ],
    unexpected: "Ask an administrator why.",
  }),
  impersonated: ({ by }, { service, happenedAt }) => ({
    subject: "An administrator acted as you",
    paragraphs: [
      `The administrator ${by} used your account at ${service} as you, from ${writeTime(happenedAt)} on. What was done is recorded under their name.`,
    ],
    unexpected: "Ask an administrator why, unless you know.",
  }),
  "new-device": ({ device, ipAddress }, { service, happenedAt }) => ({
    subject: "A new device logged in",
    paragraphs: [
      `Somebody logged in to your account at ${service} on ${writeTime(happenedAt)}, from a device or a network that we had not seen before.`,
      `Device: ${device ?? "unknown"}. Network address: ${ipAddress ?? "unknown"}.`,
    ],
    unexpected: resetAtOnce,
  }),
  "account-deleted": (_mail, { service, happenedAt }) => ({
    subject: "Your account was deleted",
    paragraphs: [
      `Your account at ${service}, and what belonged to it, was deleted on ${writeTime(happenedAt)}. This cannot be undone.`,
    ],
    unexpected: "Write to whoever runs the service: somebody had your password.",
  }),
};
