// The texts of mails: for each template a function of its facts. No text is given a link or a secret.
import type { MailTemplate } from "../../auth/outgoing-mail.ts";

/** Facts are plain text: they may hold what users typed, and are escaped with the text around them. */
interface Common {
  /** `brand.name`, or the host of PUBLIC_URL. */
  readonly service: string;
  /** When it happened, in the language of the text: `28 November 2026 at 10:00 UTC`. */
  readonly when: string;
  readonly supportAddress: string | null;
}

/** Who asked for a code. The frame shows the code below the text. */
interface Asking extends Common {
  readonly device: string | null;
  readonly ipAddress: string | null;
}

export interface MailFacts {
  readonly "verify-address": Common;
  readonly "reset-password": Common;
  /** To the new email. */
  readonly "address-change-confirm": Common;
  /** To the old email. */
  readonly "address-changed": Common;
  readonly invitation: Common;
  readonly "login-code": Asking;
  readonly "reauthentication-code": Asking;
  /** Its owner has logged in by a mailed code for the first time. */
  readonly "password-removed": Common;
  /** Somebody tried to register with the email of the reader. */
  readonly "address-taken": Common;
  readonly "password-changed": Common & {
    readonly by: "user" | "operator";
    /** Names of the access tokens that stay valid. Null: all have ended, and so have all sessions. */
    readonly accessTokens: readonly string[] | null;
  };
  /** The first password of a user who has logged in without one. */
  readonly "password-set": Common & {
    /** Names of the access tokens that stay valid. */
    readonly accessTokens: readonly string[];
  };
  readonly "second-factor-added": Common & { readonly factor: "TOTP" | "PASSKEY" };
  readonly "second-factor-removed": Common & { readonly factor: "TOTP" | "PASSKEY" };
  readonly "second-factors-reset": Common & {
    /** Names of the access tokens that stay valid. */
    readonly accessTokens: readonly string[];
  };
  readonly "recovery-codes-replaced": Common;
  readonly "recovery-code-used": Common & {
    /** How many recovery codes are left. */
    readonly left: number;
  };
  readonly "passkey-counter-fell": Common & {
    /** The name that the user gave it. */
    readonly name: string;
    /** Whether the passkey was accepted all the same. */
    readonly isAccepted: boolean;
  };
  /** `provider`: its name. */
  readonly "identity-linked": Common & { readonly provider: string };
  readonly "identity-unlinked": Common & { readonly provider: string };
  /** The same by an administrator or the operator. */
  readonly "identity-removed": Common & {
    readonly provider: string;
    /** Names of the access tokens that stay valid. */
    readonly accessTokens: readonly string[];
  };
  readonly "username-changed": Common & { readonly previousUsername: string; readonly username: string };
  readonly "access-token-created": Common & { readonly name: string };
  readonly "token-leaked": Common;
  readonly "roles-changed": Common & { readonly roles: readonly string[] };
  readonly impersonated: Common & { readonly by: string };
  readonly "new-device": Common & { readonly device: string | null; readonly ipAddress: string | null };
  readonly "account-deleted": Common;
}

export interface MailText {
  readonly subject: string;
  /** What happened, and its consequences. Each is put on one line, and cut at 1,000 characters. */
  readonly paragraphs: readonly string[];
  /** What to do if it was not the reader. */
  readonly unexpected: string;
}

export interface LinkMailText extends MailText {
  /** The text of the link. */
  readonly label: string;
}

export type LinkTemplate =
  | "verify-address"
  | "reset-password"
  | "address-change-confirm"
  | "address-changed"
  | "invitation"
  | "login-code";

export type Template = keyof MailFacts;

export type TextOf<T extends Template> = T extends LinkTemplate ? LinkMailText : MailText;

/** What every mail says. */
export interface FrameTexts {
  /** The name is null when the reader may be a stranger. */
  readonly greeting: (facts: { readonly name: string | null }) => string;
  /** Below the link. */
  readonly validity: (facts: { readonly until: string }) => string;
  /** `text` is the template's own. */
  readonly unexpected: (facts: { readonly text: string }) => string;
  /** The last line, when there is a support address. */
  readonly support: (facts: { readonly supportAddress: string }) => string;
}

/** All texts in one language. */
export type MailTexts = FrameTexts & {
  readonly [T in Template]: (facts: MailFacts[T]) => TextOf<T>;
};

/** `reset-requested` becomes `reset-password`, or nothing. */
type Unsaid = Exclude<MailTemplate, Template | "reset-requested">;
const everyTemplateHasTexts: Unsaid extends never ? true : never = true;
void everyTemplateHasTexts;
