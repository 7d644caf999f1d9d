// Renders both bodies of a message from one definition: all values are plain text and are escaped.
import { type Message, type MessageLink, writeTime } from "./message.ts";

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export const render = (message: Message, username: string | null): Rendered => {
  const greeting = username === null ? "Hello," : `Hello ${onOneLine(username)},`;
  const paragraphs = message.paragraphs.map(onOneLine);
  const unexpected = `If this was not you: ${onOneLine(message.unexpected)}`;
  return {
    subject: onOneLine(message.subject),
    text: [greeting, ...paragraphs, ...textOfLink(message.link), unexpected]
      .map((it) => `${it}\n`)
      .join("\n"),
    html: page([
      ...[greeting, ...paragraphs].map((it) => `<p>${asHtml(it)}</p>`),
      ...htmlOfLink(message.link),
      `<p>${asHtml(unexpected)}</p>`,
    ]),
  };
};

const describeLife = (link: MessageLink): string =>
  `You can use the link once, until ${writeTime(link.holdsUntil)}.`;

const textOfLink = (link: MessageLink | undefined): string[] =>
  link === undefined ? [] : [`${link.label}:\n${link.url}`, describeLife(link)];

/** The URL is shown too: a reader can see where a button leads, and copy it to another browser. */
const htmlOfLink = (link: MessageLink | undefined): string[] =>
  link === undefined
    ? []
    : [
        `<p><a href="${asHtml(link.url)}">${asHtml(link.label)}</a></p>`,
        `<p>${asHtml(link.url)}</p>`,
        `<p>${asHtml(describeLife(link))}</p>`,
      ];

/** Loads no external resources, so that opening the message is not tracked. */
const page = (lines: readonly string[]): string =>
  [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="font-family: sans-serif; line-height: 1.5; overflow-wrap: anywhere">',
    ...lines,
    "</body></html>",
    "",
  ].join("\n");

const maxParagraphLength = 1000;

/** A name with a line break could otherwise add a paragraph of its own. */
export const onOneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, maxParagraphLength);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const asHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
