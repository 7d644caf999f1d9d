// The settings of mail: the server that sends it, the sender, and the pages that its links open.
import { z } from "zod";
import { optionalSetting, type ValuesOf } from "./setting.ts";
import { greetingOf, type SmtpServer, smtpOptionNames, toSmtpServer } from "./smtp-url.ts";

export const mailVariables = (production: boolean) => ({
  smtp: optionalSetting("SMTP_URL", {
    text: `The mail server. \`smtps://\` is TLS from the start. \`smtp://\` is STARTTLS, which production requires unless the server is on this machine; \`?requireTLS=false\` turns that off. Options of nodemailer may follow: ${smtpOptionNames.map((name) => `\`${name}\``).join(", ")}. EHLO greets with the host of \`PUBLIC_URL\`, or with \`name\`. If it is not set, each message is a file in \`DATA_DIR/outbox\`.`,
    example: "smtps://user:password@mail.example.com",
    isSecret: true,
    schema: z.string().transform(toSmtpServer(production)),
    otherwise: null,
  }),
  mailFrom: optionalSetting("MAIL_FROM", {
    text: "The sender of mail. If it is not set, it is `no-reply@` with the host of `PUBLIC_URL`.",
    example: "Example <no-reply@example.com>",
    requiredWith: "SMTP_URL",
    schema: z.string().transform(toMailbox),
    otherwise: null,
  }),
  verifyUrl: link("VERIFY_URL", "verify", "verifies an email"),
  resetUrl: link("RESET_URL", "reset", "sets a new password, after a request or an invitation"),
  emailChangeUrl: link("EMAIL_CHANGE_URL", "confirm-address", "confirms a change of the email"),
  loginUrl: optionalSetting("LOGIN_URL", {
    text: "The page of your front end or app that logs in with a mailed code; {token} is replaced by the pending token and {code} by the code. If it is not set, it is our own page `/account/login` under `PUBLIC_URL`.",
    example: "https://app.example.com/login#token={token}&code={code}",
    schema: z
      .string()
      .refine(
        (text) =>
          ["{token}", "{code}"].every((it) => text.includes(it)) &&
          isLink(text.replace("{token}", "0").replace("{code}", "0")),
        "must contain {token} and {code}, and begin with https: or the scheme of your app",
      ),
    otherwise: null,
  }),
});

export interface MailSettings {
  /** Null: messages are written to `DATA_DIR/outbox`. */
  readonly smtp: (SmtpServer & { readonly greeting: string }) | null;
  readonly from: Mailbox;
  /** Each holds `{token}`. */
  readonly links: LinkTemplates;
}

export const defaultSenderName = "Graphward";

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

export interface LinkTemplates {
  readonly verify: string;
  readonly reset: string;
  readonly confirmAddress: string;
  readonly undoAddress: string;
  /** Holds `{code}` too. */
  readonly login: string;
}

/**
 * `Name <address>` or an address alone. Both refuse characters that end a header or start another address.
 */
function toMailbox(text: string, context: z.RefinementCtx): Mailbox {
  const [, name = "", inBrackets, bare] =
    /^(?:([^<>"@\p{Cc}]*)<([^<>]+)>|([^<>]+))$/u.exec(text.trim()) ?? [];
  const address = inBrackets ?? bare ?? "";
  if (/^[^\s"(),:;<>@[\\\]\p{Cc}]+@[^\s"(),:;<>@[\\\]\p{Cc}]+$/u.test(address))
    return { name: name.trim(), address };
  context.addIssue("must look like no-reply@example.com or Example <no-reply@example.com>");
  return z.NEVER;
}

/** Schemes that run a script, or show a local file. */
const refusedSchemes = /^(?:javascript|data|vbscript|file|blob|about):$/;

function link(variable: string, page: string, purpose: string) {
  return optionalSetting(variable, {
    text: `The page of your front end or app that ${purpose}; {token} is replaced by the secret. If it is not set, it is our own page \`/account/${page}\` under \`PUBLIC_URL\`.`,
    example: `https://app.example.com/${page}#token={token}`,
    schema: z
      .string()
      .refine(
        (text) => text.includes("{token}") && isLink(text.replace("{token}", "0")),
        "must contain {token}, and begin with https: or the scheme of your app",
      ),
    otherwise: null,
  });
}

const isLink = (text: string): boolean =>
  URL.canParse(text) && !refusedSchemes.test(new URL(text).protocol) && !/[\s{}]/.test(text);

/** The secret is in the fragment of our own pages: no server and no `Referer` header ever sees it. */
export const mailSettings = (
  given: ValuesOf<ReturnType<typeof mailVariables>>,
  publicUrl: URL,
): MailSettings => {
  const page = (name: string) => `${publicUrl.origin}/account/${name}#token={token}`;
  return {
    smtp: given.smtp && { ...given.smtp, greeting: given.smtp.greeting ?? greetingOf(publicUrl) },
    from: given.mailFrom ?? { name: defaultSenderName, address: `no-reply@${publicUrl.hostname}` },
    links: {
      verify: given.verifyUrl ?? page("verify"),
      reset: given.resetUrl ?? page("reset"),
      confirmAddress: given.emailChangeUrl ?? page("confirm-address"),
      // A user who is locked out of the account must not depend on an app.
      undoAddress: page("undo-address"),
      login: given.loginUrl ?? `${page("login")}&code={code}`,
    },
  };
};
