// Renders both bodies of a message from one definition: all values are plain text and are escaped.
import type { Shades } from "../brand/color.ts";
import { escapeHtml } from "../html.ts";
import { directionOf } from "../languages.ts";
import type { Message, MessageLink } from "./message.ts";

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a mail shows of the brand. No image: it would be loaded, which tracks the reader, or attached to every mail. */
export interface Look {
  /** Above the greeting. Null: none. */
  readonly heading: string | null;
  /** The color of the button. Null: a plain link. */
  readonly shades: Shades | null;
}

export const plainLook: Look = { heading: null, shades: null };

export const render = (message: Message, look: Look): Rendered => {
  const { language, link, code } = message;
  const before = [message.greeting, ...message.paragraphs].map(onOneLine);
  const after = [message.unexpected, ...(message.support === undefined ? [] : [message.support])].map(
    onOneLine,
  );
  return {
    subject: onOneLine(message.subject),
    text: [...before, ...(code === undefined ? [] : [code]), ...textOfLink(link), ...after]
      .map((it) => `${it}\n`)
      .join("\n"),
    html: page(language, [
      ...(look.heading === null ? [] : [`<p><strong>${escapeHtml(look.heading)}</strong></p>`]),
      ...before.map(paragraph),
      ...(code === undefined ? [] : [htmlOfCode(code)]),
      ...htmlOfLink(link, look.shades),
      ...after.map(paragraph),
    ]),
  };
};

const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;

/** Letters of one width, which are copied by a double click. */
const htmlOfCode = (code: string): string =>
  `<p dir="ltr" style="font: bold 1.5em monospace; letter-spacing: 0.1em">${escapeHtml(code)}</p>`;

const textOfLink = (link: MessageLink | undefined): string[] =>
  link === undefined ? [] : [`${onOneLine(link.label)}:\n${link.url}`, onOneLine(link.validity)];

/** The URL is shown too: a reader can see where a button leads, and copy it to another browser. */
const htmlOfLink = (link: MessageLink | undefined, shades: Shades | null): string[] =>
  link === undefined
    ? []
    : [
        `<p><a href="${escapeHtml(link.url)}"${styleOfButton(shades)}>${escapeHtml(onOneLine(link.label))}</a></p>`,
        // An address is written from left to right in every language.
        `<p dir="ltr">${escapeHtml(link.url)}</p>`,
        paragraph(onOneLine(link.validity)),
      ];

const styleOfButton = (shades: Shades | null): string =>
  shades === null
    ? ""
    : ` style="display: inline-block; padding: 0.6em 1.2em; border-radius: 6px; font-weight: bold; text-decoration: none; background: ${shades.ground}; color: ${shades.text}; border: 1px solid ${shades.accent}"`;

/** Loads no external resources, so that opening the message is not tracked. */
const page = (language: string, lines: readonly string[]): string =>
  [
    `<!doctype html><html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"></head>`,
    '<body style="font-family: sans-serif; line-height: 1.5; overflow-wrap: anywhere">',
    ...lines,
    "</body></html>",
    "",
  ].join("\n");

const maxParagraphLength = 1000;

/**
 * A name with a line break could otherwise add a paragraph of its own. The two joiners stay: Persian and Indic words need them, and
 * some emoji.
 */
export const onOneLine = (text: string): string =>
  text.replaceAll(/(?:(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+/gu, " ").slice(0, maxParagraphLength);
