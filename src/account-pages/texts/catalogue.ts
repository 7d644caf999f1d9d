// The texts of the account pages: for each page a function of its facts. Plain text, which is escaped.

export interface PageFacts {
  /** `brand.name`, or the host of PUBLIC_URL. */
  readonly service: string;
  readonly minPasswordLength: number;
}

export interface PageText {
  readonly title: string;
  /** Above the button. */
  readonly paragraphs: readonly string[];
  readonly button: string;
  /** After success. */
  readonly done: { readonly title: string; readonly paragraphs: readonly string[] };
  /** For a link that is used or has expired. */
  readonly dead: readonly string[];
}

/** The texts of a page that asks for a password. */
export interface PasswordPageText extends PageText {
  readonly label: string;
  readonly hint: string;
}

/** A part of a page: its heading, and what stands below. */
export interface PartText {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export interface FieldText {
  readonly label: string;
  readonly hint: string;
}

/** The second step of a login. */
export interface SecondStepText extends PartText {
  readonly code: FieldText;
  readonly recoveryCode: FieldText;
  /** Buttons that change between the two. */
  readonly useRecoveryCode: string;
  readonly useCode: string;
  readonly usePasskey: string;
  readonly trust: string;
  readonly button: string;
}

/** The page that completes a login which another page began. */
export interface CompletePageText {
  readonly secondStep: SecondStepText;
  readonly done: PartText & { readonly site: string };
  /** For a user who must add a second factor first. */
  readonly enrol: PartText & { readonly go: string };
  /** For a login that is not waiting. */
  readonly missing: PartText;
}

/** The page that the link with a mailed code opens. */
export interface LoginPageText extends CompletePageText, PartText {
  readonly button: string;
  /** For a browser that did not ask for the code, and for a link that is used. The code is shown below. */
  readonly elsewhere: PartText;
}

/** The page to log in, for people who come from no other one. `{provider}` is replaced by the name of a provider. */
export interface SignInPageText extends PartText {
  readonly withProvider: string;
  /** What is left without JavaScript. */
  readonly withoutScript: string;
  readonly username: FieldText;
  readonly password: FieldText;
  readonly button: string;
  readonly usePasskey: string;
  readonly useMail: string;
  readonly forgotten: string;
  /** Back to the first part of the page. */
  readonly back: string;
  readonly mail: PartText & { readonly email: FieldText; readonly button: string };
  readonly code: PartText & { readonly code: FieldText; readonly button: string };
  readonly reset: PartText & { readonly email: FieldText; readonly button: string };
  readonly resetSent: PartText;
  readonly secondStep: SecondStepText;
  readonly enrol: PartText & { readonly go: string };
  readonly missing: PartText;
}

/** For a session that has not proven the user lately. */
export interface ProveText extends PartText {
  readonly password: FieldText;
  /** From the app in use, or from a mail. */
  readonly code: FieldText;
  readonly usePasskey: string;
  readonly button: string;
}

/** For a page that needs a session. */
export interface SessionPageText {
  readonly prove: ProveText;
  /** For a user who can prove nothing but by a login. */
  readonly again: PartText;
  readonly anonymous: PartText;
}

/** The page of the logins with providers. `{provider}`, `{email}` and `{date}` are replaced. */
export interface IdentitiesPageText extends PartText, SessionPageText {
  readonly none: string;
  readonly linkedOn: string;
  readonly lastUsedOn: string;
  readonly neverUsed: string;
  readonly unlink: string;
  /** Above the buttons that link one more. */
  readonly more: string;
  readonly link: string;
  readonly removal: PartText & { readonly button: string; readonly back: string };
  readonly site: string;
}

/** The page that adds an authenticator app. */
export interface SecondFactorPageText extends PartText, SessionPageText {
  readonly button: string;
  readonly scan: PartText & {
    /** What the QR code is, for a reader who does not see it. */
    readonly image: string;
    /** Above the secret. */
    readonly typeInstead: string;
    readonly openApp: string;
    readonly code: FieldText;
    readonly button: string;
  };
  readonly codes: PartText & { readonly copy: string; readonly print: string; readonly site: string };
}

/** What all pages say. `{wait}` is replaced by a time such as "in 2 minutes", `{reference}` by an id in the log. */
export interface CommonTexts {
  readonly needsJavaScript: string;
  readonly deadTitle: string;
  readonly missingTitle: string;
  readonly missing: readonly string[];
  /** Before the support address. */
  readonly support: string;
  readonly show: string;
  readonly showPassword: string;
  readonly hide: string;
  readonly hidePassword: string;
  readonly sending: string;
  readonly soon: string;
  readonly enterPassword: string;
  readonly incompleteLink: string;
  readonly notLoggedIn: string;
  readonly wrongPassword: string;
  readonly enterCode: string;
  readonly wrongCode: string;
  readonly codeMailed: string;
  readonly passkeyFailed: string;
  readonly copied: string;
  readonly notCopied: string;
  /** The email must be confirmed before a second factor is added. */
  readonly email_unverified: string;
  /** The button that mails the link again, and what it says then. */
  readonly mailAgain: string;
  readonly mailedAgain: string;
  /** The link to the page to log in. */
  readonly logIn: string;
  readonly wrongLogin: string;
  readonly enterUsername: string;
  readonly enterEmail: string;
  readonly last_way_in: string;
  /** The most logins with providers. */
  readonly max: string;
  readonly tooManyAttempts: string;
  readonly unavailable: string;
  readonly unreachable: string;
  readonly failed: string;
  readonly reference: string;
  /** Rules that a new password breaks. */
  readonly min_length: string;
  readonly max_length: string;
  readonly well_formed: string;
  readonly personal: string;
  readonly common: string;
  readonly breached: string;
}

/** All pages in one language. */
export interface PageTexts {
  readonly common: (facts: PageFacts) => CommonTexts;
  readonly verify: (facts: PageFacts) => PasswordPageText;
  readonly reset: (facts: PageFacts) => PasswordPageText;
  readonly "confirm-address": (facts: PageFacts) => PageText;
  readonly "undo-address": (facts: PageFacts) => PageText;
  readonly login: (facts: PageFacts) => LoginPageText;
  readonly complete: (facts: PageFacts) => CompletePageText;
  readonly "second-factor": (facts: PageFacts) => SecondFactorPageText;
  readonly identities: (facts: PageFacts) => IdentitiesPageText;
  /** At `/login`. */
  readonly "sign-in": (facts: PageFacts) => SignInPageText;
}

export type PageName = Exclude<keyof PageTexts, "common">;

/** A link of a mail opens them, and their button spends it. */
export type LinkPageName = Exclude<
  PageName,
  "login" | "complete" | "second-factor" | "identities" | "sign-in"
>;
