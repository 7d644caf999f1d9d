// The settings of mail: where it is sent, from whom, and what its links open.
import { z } from "zod";
import { leavesTheMachine } from "./hosts.ts";

export interface MailSettings {
  /** Null: messages are written to `DATA_DIR/outbox`. */
  readonly smtp: SmtpServer | null;
  readonly from: Mailbox;
  /** Each holds `{token}`. */
  readonly links: LinkTemplates;
}

export interface SmtpServer {
  readonly host: string;
  readonly port: number | null;
  /** From the start, as `smtps:` says, instead of by STARTTLS. */
  readonly isTlsFromStart: boolean;
  /** Otherwise STARTTLS is used where the server has it: an attacker in between can take it away. */
  readonly isTlsRequired: boolean;
  readonly login: { readonly user: string; readonly pass: string } | null;
}

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

export interface LinkTemplates {
  readonly verify: string;
  readonly reset: string;
  readonly confirmAddress: string;
  readonly undoAddress: string;
}

/** `?starttls=optional` is all that may be added: a mail library's own options would write messages to the console. */
export const smtpUrl = (production: boolean) =>
  z.string().transform((text, context): SmtpServer => {
    const url = URL.canParse(text) ? new URL(text) : null;
    const isOptional = url?.search === "?starttls=optional";
    if (
      url === null ||
      !/^smtps?:$/.test(url.protocol) ||
      url.hostname === "" ||
      /^\/?$/.test(url.pathname) === false ||
      (url.search !== "" && !isOptional) ||
      url.hash !== ""
    ) {
      context.addIssue("must look like smtps://user:password@mail.example.com or smtp://localhost:1025");
      return z.NEVER;
    }
    return {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? null : Number(url.port),
      isTlsFromStart: url.protocol === "smtps:",
      isTlsRequired: production && !isOptional && leavesTheMachine(url),
      login:
        url.username === ""
          ? null
          : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    };
  });

/** `Name <address>` or an address alone. Neither can hold what would end a header or begin another address. */
export const mailbox = z.string().transform((text, context): Mailbox => {
  const [, name = "", inBrackets, bare] =
    /^(?:([^<>"@\p{Cc}]*)<([^<>]+)>|([^<>]+))$/u.exec(text.trim()) ?? [];
  const address = inBrackets ?? bare ?? "";
  if (/^[^\s"(),:;<>@[\\\]\p{Cc}]+@[^\s"(),:;<>@[\\\]\p{Cc}]+$/u.test(address))
    return { name: name.trim(), address };
  context.addIssue("must look like no-reply@example.com or Example <no-reply@example.com>");
  return z.NEVER;
});

/** Schemes that run what they hold, or show a local file. */
const refusedSchemes = /^(?:javascript|data|vbscript|file|blob|about):$/;

export const linkTemplate = z
  .string()
  .refine(
    (text) => text.includes("{token}") && isLink(text.replace("{token}", "0")),
    "must hold {token}, and begin with https: or your app's own scheme",
  );

const isLink = (text: string): boolean =>
  URL.canParse(text) && !refusedSchemes.test(new URL(text).protocol) && !/[\s{}]/.test(text);

interface Given {
  readonly SMTP_URL?: SmtpServer | undefined;
  readonly MAIL_FROM?: Mailbox | undefined;
  readonly VERIFY_URL?: string | undefined;
  readonly RESET_URL?: string | undefined;
  readonly EMAIL_CHANGE_URL?: string | undefined;
}

/** Of our own pages, the secret is in the fragment, which no server and no `Referer` header ever sees. */
export const mailSettings = (given: Given, publicUrl: URL): MailSettings => {
  const page = (name: string) => `${publicUrl.origin}/account/${name}#token={token}`;
  return {
    smtp: given.SMTP_URL ?? null,
    from: given.MAIL_FROM ?? { name: "Graphward", address: `no-reply@${publicUrl.hostname}` },
    links: {
      verify: given.VERIFY_URL ?? page("verify"),
      reset: given.RESET_URL ?? page("reset"),
      confirmAddress: given.EMAIL_CHANGE_URL ?? page("confirm-address"),
      undoAddress: page("undo-address"),
    },
  };
};
