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
}

export type PageName = Exclude<keyof PageTexts, "common">;
