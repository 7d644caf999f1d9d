// English, complete: what a visitor gets when no other language has the page.
import type { PageTexts, ProveText, SecondStepText } from "./catalogue.ts";

const secondStep: SecondStepText = {
  title: "Confirm that it is you",
  paragraphs: ["Your account has a second factor."],
  code: { label: "Code from your authenticator app", hint: "Six digits." },
  recoveryCode: { label: "Recovery code", hint: "One of the ten that you have kept. Each works once." },
  useRecoveryCode: "Use a recovery code instead",
  useCode: "Use a code from the app instead",
  usePasskey: "Use a passkey",
  trust: "Trust this browser for 30 days",
  button: "Log in",
};

const prove: ProveText = {
  title: "Confirm that it is you",
  paragraphs: ["Your last login was a while ago."],
  password: { label: "Password", hint: "The one of your account." },
  code: {
    label: "Code",
    hint: "From your authenticator app, or a recovery code, or the code that was mailed to you.",
  },
  usePasskey: "Use a passkey",
  button: "Go on",
};

const forSessions = (service: string) => ({
  prove,
  again: {
    title: "Please log in again",
    paragraphs: ["Your last login was a while ago. Log in again, and you come back to this page."],
  },
  anonymous: {
    title: "You are not logged in.",
    paragraphs: [`Log in to ${service} in this browser, and you come back to this page.`],
  },
});

const loggedIn = (service: string) => ({
  secondStep,
  done: { title: "You are logged in.", paragraphs: [], site: `Go to ${service}` },
  enrol: {
    title: "Add a second factor",
    paragraphs: ["You are logged in. Your account must have a second factor before you can use it."],
    go: "Add an authenticator app",
  },
  missing: {
    title: "This login is no longer valid.",
    paragraphs: [
      "It must be completed within ten minutes, in the browser that began it. Please log in again.",
    ],
  },
});

export const englishPages: PageTexts = {
  common: ({ minPasswordLength }) => ({
    needsJavaScript: "This page needs JavaScript. Turn it on and open the link from your mail again.",
    deadTitle: "This link is no longer valid.",
    missingTitle: "This page needs the link from your mail.",
    missing: [
      "Open the link in the mail, or copy the whole link into the address bar. If you reload the page, open the link again.",
    ],
    support: "Do you need help? Write to",
    show: "Show",
    showPassword: "Show password",
    hide: "Hide",
    hidePassword: "Hide password",
    sending: "One moment …",
    soon: "in a moment",
    enterPassword: "Enter a password.",
    incompleteLink: "This link is incomplete.",
    notLoggedIn: "You are not logged in to this account. Enter its password.",
    wrongPassword: "This is not the password of the account.",
    enterCode: "Enter a code.",
    wrongCode: "This code is not right. It may have been used already.",
    codeMailed: "A code was mailed to you.",
    passkeyFailed: "The passkey was not used. Try again, or use a code.",
    copied: "The codes are copied.",
    notCopied: "The browser does not allow copying. Select the codes and copy them.",
    email_unverified: "Please confirm your email first. The link is in a mail to you.",
    mailAgain: "Mail me the link again",
    mailedAgain: "The mail was sent again.",
    logIn: "Log in",
    wrongLogin: "The username or the password is wrong.",
    enterUsername: "Enter a username or an email.",
    enterEmail: "Enter an email.",
    last_way_in:
      "This login is the only way into your account. Add another one, a passkey or a password first.",
    max: "An account cannot have more logins. Remove one first.",
    tooManyAttempts: "Too many attempts. Please try again {wait}.",
    unavailable: "The service is not available. Please try again {wait}.",
    unreachable: "The service could not be reached. Check your connection and try again.",
    failed: "Something went wrong. Please try again later.",
    reference: "Reference: {reference}",
    min_length: `A password must have at least ${minPasswordLength} characters.`,
    max_length: "A password must have at most 128 characters.",
    well_formed: "The password contains characters that cannot be stored.",
    personal:
      "The password is too similar to the username, the display name, the email or the service's name.",
    common: "This password is too common. Attackers try it early.",
    breached: "This password appeared in a data breach. Attackers try such passwords.",
  }),
  verify: ({ service }) => ({
    title: "Confirm your email",
    paragraphs: [
      `This email was entered for an account at ${service}. Confirm the email only if the account is yours.`,
    ],
    label: "Password of the account",
    hint: "You can leave it empty if you are logged in in this browser.",
    button: "Confirm this email",
    done: { title: "Your email is confirmed.", paragraphs: ["You can close this page."] },
    dead: [
      "It works once, within one day, and only for the current email of the account. If you already confirmed the email, you are done.",
      "Otherwise log in and request a new mail.",
    ],
  }),
  reset: ({ service, minPasswordLength }) => ({
    title: "Choose a new password",
    paragraphs: [`This sets the password of your account at ${service}. All devices will be logged out.`],
    label: "New password",
    hint: `At least ${minPasswordLength} characters. A few random words make a good one.`,
    button: "Set this password",
    done: {
      title: "Your password is set.",
      paragraphs: ["All sessions of your account have ended. Log in again with the new password."],
    },
    dead: [
      "It works once, for a short time. If you have just chosen a password, try to log in with it.",
      "Otherwise request a new mail. Open the newest mail: it ends the older links.",
    ],
  }),
  "confirm-address": ({ service }) => ({
    title: "Use this email",
    paragraphs: [
      `The button sets the email of your account at ${service} to the email that received this link.`,
      "If the account is not yours, or you did not request this, close this page. Nothing changes.",
    ],
    button: "Use this email",
    done: {
      title: "Your email is changed.",
      paragraphs: ["From now on, mail about your account goes to the new email. The old email was notified."],
    },
    dead: [
      "It works once, within one day. If you already pressed the button, your email is already changed.",
      "Otherwise log in and change the email again.",
    ],
  }),
  "undo-address": ({ service }) => ({
    title: "Undo the change of your email",
    paragraphs: [
      `The email of your account at ${service} was changed. If that was not you, somebody else has access to your account.`,
      "The button restores the old email, which received this link. We then send a link to choose a new password to that email.",
      "If you changed the email yourself, close this page. Nothing changes.",
    ],
    button: "Undo the change",
    done: {
      title: "Your old email is restored.",
      paragraphs: [
        "A mail was sent to it. Choose a new password with the link in that mail: until then, nobody can log in with a password.",
      ],
    },
    dead: [
      "It works once, within three days. If you already pressed the button, look for the mail with the link to choose a new password.",
      "Otherwise write to the operator of the service: somebody else may have access to your account.",
    ],
  }),
  login: ({ service }) => ({
    ...loggedIn(service),
    title: "Log in",
    paragraphs: [`The button logs you in to ${service} in this browser.`],
    button: "Log in",
    elsewhere: {
      title: "This browser cannot use the link.",
      paragraphs: [
        "It works once, within ten minutes, and only in the browser that asked for it.",
        "Did you ask for it in another browser or in an app? Then type this code there:",
      ],
    },
  }),
  complete: ({ service }) => loggedIn(service),
  "second-factor": ({ service }) => ({
    title: "Add an authenticator app",
    paragraphs: [
      `A login to ${service} then also asks for a code from the app, so that a stolen password is not enough.`,
      "An app in use is replaced once the new one shows a right code.",
    ],
    button: "Begin",
    ...forSessions(service),
    scan: {
      title: "Scan this code with the app",
      paragraphs: ["Open the app, add an account, and scan the image. It is valid for ten minutes."],
      image: "QR code for the authenticator app. The same secret is written below.",
      typeInstead: "Or type this secret into the app:",
      openApp: "Or open an app on this device",
      code: { label: "Code from the app", hint: "Six digits." },
      button: "Add the app",
    },
    codes: {
      title: "Keep these recovery codes",
      paragraphs: [
        "The app is added. Each of these codes stands in for it once, if you lose it. They are not shown again: print them, or keep them in a password manager.",
      ],
      copy: "Copy",
      print: "Print",
      site: `Done: go to ${service}`,
    },
  }),
  identities: ({ service }) => ({
    title: "Logins with other services",
    paragraphs: [`Each of these opens your account at ${service}.`],
    none: "There is none yet.",
    linkedOn: "Linked on {date}",
    lastUsedOn: "last used on {date}",
    neverUsed: "never used",
    unlink: "Remove {provider} {email}",
    more: "Link another one",
    link: "Link {provider}",
    removal: {
      title: "Remove this login?",
      paragraphs: ["It then no longer opens your account:"],
      button: "Remove",
      back: "Keep it",
    },
    site: `Go to ${service}`,
    ...forSessions(service),
  }),
  "sign-in": ({ service }) => {
    const { enrol, missing } = loggedIn(service);
    return {
      title: "Log in",
      paragraphs: [],
      withProvider: "Log in with {provider}",
      withoutScript: "This page needs JavaScript for all but the links to other services.",
      username: { label: "Username or email", hint: `Of your account at ${service}.` },
      password: { label: "Password", hint: "The one of your account." },
      button: "Log in",
      usePasskey: "Log in with a passkey",
      useMail: "Log in with a code from a mail",
      forgotten: "Forgot your password?",
      back: "Log in another way",
      mail: {
        title: "Log in with a code from a mail",
        paragraphs: [],
        email: { label: "Email", hint: "The one of your account." },
        button: "Mail me a code",
      },
      code: {
        title: "Enter the code",
        paragraphs: ["If there is an account with this email, a code was mailed to it."],
        code: { label: "Code from the mail", hint: "Eight letters and digits, valid for ten minutes." },
        button: "Log in",
      },
      reset: {
        title: "Set a new password",
        paragraphs: [],
        email: { label: "Email", hint: "The one of your account." },
        button: "Mail me a link",
      },
      resetSent: {
        title: "Look into your mailbox.",
        paragraphs: [
          "If there is an account with this email, a link to set a new password was mailed to it. Log in with the new password afterwards.",
        ],
      },
      secondStep,
      enrol,
      missing,
    };
  },
};
