// A message before it is written: what a template says, without a word of HTML.

export interface Message {
  readonly subject: string;
  /** What happened, and what follows from it. */
  readonly paragraphs: readonly string[];
  readonly link?: MessageLink;
  /** What to do if it was not you. */
  readonly unexpected: string;
}

export interface MessageLink {
  readonly label: string;
  readonly url: string;
  readonly holdsUntil: Date;
}

/** What is known of an event when it is told. */
export interface Circumstances {
  /** The host of PUBLIC_URL. */
  readonly service: string;
  readonly happenedAt: Date;
}

/** In UTC and said so: the reader's time zone is not known. */
export const writeTime = (time: Date): string =>
  `${new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(time)} UTC`;
