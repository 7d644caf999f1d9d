// Notices about changes to an account, so that its user notices those of an attacker.
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
  "Reset your password immediately. This ends all sessions. Then check what else has changed.";

/** One per paragraph, which has its own length limit: a long name cannot hide the next. */
const quote = (name: string): string => `“${name}”`;

export const notices: Notices = {
  "address-taken": (_mail, { service, happenedAt }) => ({
    subject: "You already have an account",
    paragraphs: [
      `Somebody tried to use this email for another account at ${service} on ${writeTime(happenedAt)}. You already have an account with this email. Nothing has changed.`,
      "If this was you, log in. If you forgot your password, reset it.",
    ],
    unexpected: "Do nothing: they do not know that you have an account.",
  }),
  "password-changed": ({ accessTokens, by }, { service, happenedAt }) => ({
    subject: "Your password was changed",
    paragraphs: [
      `The password of your account at ${service} was changed${by === "operator" ? " by the operator" : ""} on ${writeTime(happenedAt)}. ${
        accessTokens
          ? "Other devices were logged out."
          : "All devices were logged out, and all access tokens have ended."
      }`,
      ...(accessTokens?.length
        ? [
            "These access tokens stay valid. Revoke those that you do not recognize:",
            ...accessTokens.map(quote),
          ]
        : []),
    ],
    unexpected:
      by === "operator" ? "Ask the operator of the service, unless you requested this." : resetAtOnce,
  }),
  "username-changed": ({ previousUsername }, { service, happenedAt }, username) => ({
    subject: "Your username was changed",
    paragraphs: [
      `The username of your account at ${service} was changed from ${previousUsername} to ${username} on ${writeTime(happenedAt)}.`,
    ],
    unexpected: resetAtOnce,
  }),
  "access-token-created": ({ name }, { service, happenedAt }) => ({
    subject: "An access token was created",
    paragraphs: [
      `An access token named “${name}” was created for your account at ${service} on ${writeTime(happenedAt)}. Anyone who has the token can act as you, within its scopes.`,
    ],
    unexpected: `Revoke the token. ${resetAtOnce}`,
  }),
  "token-leaked": (_mail, { service, happenedAt }) => ({
    subject: "One of your tokens was found in public",
    paragraphs: [
      `Somebody reported a token of your account at ${service} on ${writeTime(happenedAt)}. The token no longer works. If it belonged to a session, that session has ended too.`,
      "Find out where the token was published, such as in a repository, a log or a screenshot. Until now, anyone who saw it could act as you.",
    ],
    unexpected:
      "Log out your other devices and change your password, unless you know how the token became public.",
  }),
  "roles-changed": ({ roles }, { service, happenedAt }) => ({
    subject: "Your roles were changed",
    paragraphs: [
      `An administrator changed the roles of your account at ${service} on ${writeTime(happenedAt)}.`,
      roles.length === 0 ? "You now have no roles." : `You now have these roles: ${roles.join(", ")}.`,
    ],
    unexpected: "Ask an administrator.",
  }),
  impersonated: ({ by }, { service, happenedAt }) => ({
    subject: "An administrator acted as you",
    paragraphs: [
      `The administrator ${by} started to act as you at ${service} on ${writeTime(happenedAt)}. All actions are recorded with the administrator's name.`,
    ],
    unexpected: "Ask an administrator, unless you know the reason.",
  }),
  "new-device": ({ device, ipAddress }, { service, happenedAt }) => ({
    subject: "A new device logged in",
    paragraphs: [
      `Somebody logged in to your account at ${service} on ${writeTime(happenedAt)}, from a new device or network.`,
      `Device: ${device ?? "unknown"}. IP: ${ipAddress ?? "unknown"}.`,
    ],
    unexpected: resetAtOnce,
  }),
  "account-deleted": (_mail, { service, happenedAt }) => ({
    subject: "Your account was deleted",
    paragraphs: [
      `Your account at ${service} and its data were deleted on ${writeTime(happenedAt)}. This cannot be undone.`,
    ],
    unexpected: "Write to the operator of the service: somebody had your password.",
  }),
};
