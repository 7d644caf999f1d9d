// A message before it is rendered: plain text in one language.

export interface Message {
  readonly language: string;
  readonly subject: string;
  readonly greeting: string;
  /** What happened, and its consequences. */
  readonly paragraphs: readonly string[];
  /** To be typed elsewhere. */
  readonly code?: string;
  readonly link?: MessageLink;
  /** What to do if it was not the reader. */
  readonly unexpected: string;
  /** Where to get help. */
  readonly support?: string;
}

export interface MessageLink {
  readonly label: string;
  readonly url: string;
  /** Until when. */
  readonly validity: string;
}

/** In UTC, which the text says: the reader's time zone is unknown. */
export const writeTime = (time: Date, language: string): string => {
  // The date of plain "en" is American.
  const locale = language === "en" ? "en-GB" : language;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
  return `${format.format(time)} UTC`;
};
