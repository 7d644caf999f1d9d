// English, complete: what a reader gets when no other language has the text.
import type { MailTexts } from "./catalogue.ts";

const resetAtOnce =
  "Reset your password immediately. This ends all sessions. Then check what else has changed.";

const factorName = (factor: "TOTP" | "PASSKEY"): string =>
  factor === "TOTP" ? "An authenticator app" : "A passkey";

/** One per paragraph, which has its own length limit: a long name cannot hide the next. */
const quote = (name: string): string => `“${name}”`;

/** Tokens that an act leaves: the reader may know that one is a stranger's. */
const remaining = (accessTokens: readonly string[]): readonly string[] =>
  accessTokens.length === 0
    ? []
    : ["These access tokens stay valid. Revoke those that you do not recognize:", ...accessTokens.map(quote)];

export const englishMail: MailTexts = {
  greeting: ({ name }) => (name === null ? "Hello," : `Hello ${name},`),
  validity: ({ until }) => `You can use the link once, until ${until}.`,
  unexpected: ({ text }) => `If this was not you: ${text}`,
  support: ({ supportAddress }) => `Do you need help? Write to ${supportAddress}.`,

  "verify-address": ({ service }) => ({
    subject: "Confirm your email",
    label: "Confirm this email",
    paragraphs: [
      `This email was entered for an account at ${service}. If the account is yours, confirm the email. You will be asked to log in.`,
    ],
    unexpected:
      "Do nothing. Somebody may have mistyped their email, and it is not confirmed without this link.",
  }),
  "reset-password": ({ service }) => ({
    subject: "Choose a new password",
    label: "Choose a new password",
    paragraphs: [
      `Somebody asked to reset the password of your account at ${service}. Use the link below to choose a new password.`,
      "This logs you out everywhere and ends your access tokens.",
    ],
    unexpected: "Do nothing: your password stays the same. Never share this link.",
  }),
  "address-change-confirm": ({ service }) => ({
    subject: "Confirm your new email",
    label: "Use this email",
    paragraphs: [
      // The link alone is enough, and the reader may be a stranger: see
      // docs/decisions/change-of-address.md.
      `Somebody asked to use this email for an account at ${service}. Confirm this only if the account is yours.`,
    ],
    unexpected: "Do nothing: without this link the account keeps its old email.",
  }),
  "address-changed": ({ service }) => ({
    subject: "Your email was changed",
    label: "Undo the change",
    paragraphs: [
      `The email of your account at ${service} was changed. We no longer send mail to this email.`,
    ],
    unexpected:
      "Somebody has access to your account. Undo the change with the link above, then choose a new password.",
  }),
  invitation: ({ service }) => ({
    subject: `You have an account at ${service}`,
    label: "Choose a password",
    paragraphs: [`An administrator created an account for you at ${service}. Choose a password to use it.`],
    unexpected: "Do nothing: nobody can log in to the account until a password is chosen.",
  }),
  "login-code": ({ service, when, device, ipAddress }) => ({
    subject: "Your code to log in",
    label: "Log in",
    paragraphs: [
      `Somebody asked on ${when} to log in to your account at ${service}.`,
      `Device: ${device ?? "unknown"}. IP address: ${ipAddress ?? "unknown"}.`,
      "Type this code within ten minutes in the browser or app that asked for it, or open the link there. Never give it to anybody, whoever asks for it: nobody at the service needs it.",
    ],
    unexpected: "Do nothing: without this code nobody is logged in.",
  }),
  "reauthentication-code": ({ service, when, device, ipAddress }) => ({
    subject: "Your code to go on",
    paragraphs: [
      `A session of your account at ${service} asked on ${when} for a proof that it is you.`,
      `Device: ${device ?? "unknown"}. IP address: ${ipAddress ?? "unknown"}.`,
      "Type this code there within ten minutes. Never give it to anybody, whoever asks for it: nobody at the service needs it.",
    ],
    unexpected: "Somebody uses your account. Log in and end all other sessions.",
  }),
  "password-removed": ({ service, when }) => ({
    subject: "Your email is confirmed, and the password was removed",
    paragraphs: [
      `You logged in to your account at ${service} with a mailed code on ${when}. Its email had never been confirmed, so somebody else may have chosen its password: the password, all other sessions and all access tokens have ended.`,
      "Choose a new password by a reset, or go on with mailed codes.",
    ],
    unexpected: resetAtOnce,
  }),
  "address-taken": ({ service, when }) => ({
    subject: "You already have an account",
    paragraphs: [
      `Somebody tried to use this email for another account at ${service} on ${when}. You already have an account with this email. Nothing has changed.`,
      "If this was you, log in. If you forgot your password, reset it.",
    ],
    unexpected: "Do nothing: they do not know that you have an account.",
  }),
  "password-changed": ({ service, when, by, accessTokens }) => ({
    subject: "Your password was changed",
    paragraphs: [
      `The password of your account at ${service} was changed${by === "operator" ? " by the operator" : ""} on ${when}. ${
        accessTokens
          ? "Other devices were logged out."
          : "All devices were logged out, and all access tokens have ended."
      }`,
      ...remaining(accessTokens ?? []),
    ],
    unexpected:
      by === "operator" ? "Ask the operator of the service, unless you requested this." : resetAtOnce,
  }),
  "password-set": ({ service, when, accessTokens }) => ({
    subject: "Your account has a password now",
    paragraphs: [
      `A password was set for your account at ${service} on ${when}. It opens your account from now on. Other devices were logged out.`,
      ...remaining(accessTokens),
    ],
    unexpected: resetAtOnce,
  }),
  "second-factor-added": ({ service, when, factor }) => ({
    subject: "A second factor was added to your account",
    paragraphs: [
      `${factorName(factor)} was added to your account at ${service} on ${when}. A login now asks for it.`,
      "Keep your recovery codes in a safe place: without the second factor, only they open your account.",
    ],
    unexpected: resetAtOnce,
  }),
  "second-factor-removed": ({ service, when, factor }) => ({
    subject: "A second factor was removed from your account",
    paragraphs: [
      `${factorName(factor)} was removed from your account at ${service} on ${when}. Browsers that you trusted are no longer trusted.`,
    ],
    unexpected: resetAtOnce,
  }),
  "second-factors-reset": ({ service, when, accessTokens }) => ({
    subject: "Your second factors were removed",
    paragraphs: [
      `An administrator removed all second factors and recovery codes of your account at ${service} on ${when}. You were logged out everywhere. Log in, and add a second factor again.`,
      ...remaining(accessTokens),
    ],
    unexpected: "Ask an administrator, and reset your password.",
  }),
  "recovery-codes-replaced": ({ service, when }) => ({
    subject: "You have new recovery codes",
    paragraphs: [
      `New recovery codes were created for your account at ${service} on ${when}. The earlier ones no longer work.`,
    ],
    unexpected: resetAtOnce,
  }),
  "recovery-code-used": ({ service, when, left }) => ({
    subject: "A recovery code was used",
    paragraphs: [
      `A recovery code of your account at ${service} was used on ${when}. ${
        left === 0 ? "It was the last one: create new ones." : `Codes that are left: ${left}.`
      }`,
    ],
    unexpected: resetAtOnce,
  }),
  "passkey-counter-fell": ({ service, when, name, isAccepted }) => ({
    subject: "Your passkey may have been copied",
    paragraphs: [
      `The passkey ${name} of your account at ${service} was used on ${when}, but it had counted fewer uses than before. That happens when a copy of it is in use.`,
      isAccepted
        ? "It was accepted, because its provider keeps copies of it for your other devices."
        : "It was refused.",
    ],
    unexpected: "Remove this passkey from your account, and add a new one.",
  }),
  "identity-linked": ({ service, when, provider }) => ({
    subject: `Your account can be opened with ${provider}`,
    paragraphs: [
      `A login with ${provider} was linked to your account at ${service} on ${when}. It opens your account from now on.`,
    ],
    unexpected: `Log in, remove the login with ${provider}, and change your password.`,
  }),
  "identity-unlinked": ({ service, when, provider }) => ({
    subject: `${provider} no longer opens your account`,
    paragraphs: [`A login with ${provider} was removed from your account at ${service} on ${when}.`],
    unexpected: resetAtOnce,
  }),
  "identity-removed": ({ service, when, provider, accessTokens }) => ({
    subject: `${provider} no longer opens your account`,
    paragraphs: [
      `An administrator removed a login with ${provider} from your account at ${service} on ${when}. You were logged out everywhere.`,
      "Log in in another way. If you have none, choose a password by a reset.",
      ...remaining(accessTokens),
    ],
    unexpected: "Ask an administrator.",
  }),
  "username-changed": ({ service, when, previousUsername, username }) => ({
    subject: "Your username was changed",
    paragraphs: [
      `The username of your account at ${service} was changed from ${previousUsername} to ${username} on ${when}.`,
    ],
    unexpected: resetAtOnce,
  }),
  "access-token-created": ({ service, when, name }) => ({
    subject: "An access token was created",
    paragraphs: [
      `An access token named ${quote(name)} was created for your account at ${service} on ${when}. Anyone who has the token can act as you, within its scopes.`,
    ],
    unexpected: `Revoke the token. ${resetAtOnce}`,
  }),
  "token-leaked": ({ service, when }) => ({
    subject: "One of your tokens was found in public",
    paragraphs: [
      `Somebody reported a token of your account at ${service} on ${when}. The token no longer works. If it belonged to a session, that session has ended too.`,
      "Find out where the token was published, such as in a repository, a log or a screenshot. Until now, anyone who saw it could act as you.",
    ],
    unexpected:
      "Log out your other devices and change your password, unless you know how the token became public.",
  }),
  "roles-changed": ({ service, when, roles }) => ({
    subject: "Your roles were changed",
    paragraphs: [
      `An administrator changed the roles of your account at ${service} on ${when}.`,
      roles.length === 0 ? "You now have no roles." : `You now have these roles: ${roles.join(", ")}.`,
    ],
    unexpected: "Ask an administrator.",
  }),
  impersonated: ({ service, when, by }) => ({
    subject: "An administrator acted as you",
    paragraphs: [
      `The administrator ${by} started to act as you at ${service} on ${when}. All actions are recorded with the administrator's name.`,
    ],
    unexpected: "Ask an administrator, unless you know the reason.",
  }),
  "new-device": ({ service, when, device, ipAddress }) => ({
    subject: "A new device logged in",
    paragraphs: [
      `Somebody logged in to your account at ${service} on ${when}, from a new device or network.`,
      `Device: ${device ?? "unknown"}. IP: ${ipAddress ?? "unknown"}.`,
    ],
    unexpected: resetAtOnce,
  }),
  "account-deleted": ({ service, when }) => ({
    subject: "Your account was deleted",
    paragraphs: [`Your account at ${service} and its data were deleted on ${when}. This cannot be undone.`],
    unexpected: "Write to the operator of the service: somebody could log in as you.",
  }),
};
