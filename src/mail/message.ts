// A message before it is rendered: the content of a template, without HTML.

export interface Message {
  readonly subject: string;
  /** What happened, and its consequences. */
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

/** The circumstances of an event. */
export interface Circumstances {
  /** The host of PUBLIC_URL. */
  readonly service: string;
  readonly happenedAt: Date;
}

/** In UTC, which the text says: the reader's time zone is unknown. */
export const writeTime = (time: Date): string =>
  `${new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(time)} UTC`;
