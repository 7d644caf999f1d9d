// The texts of mails in all languages: ours, and what the application adds or replaces.
import { english, findCanonicalTag, findLanguage } from "../../languages.ts";
import type { FrameTexts, LinkTemplate, MailFacts, MailTexts, Template, TextOf } from "./catalogue.ts";
import { englishMail } from "./english.ts";
import { germanMail } from "./german.ts";
import { sampleFacts } from "./samples.ts";

/** By BCP 47 tag. A text that a language does not have is English. */
export type GivenMailTexts = Readonly<Record<string, Partial<MailTexts>>>;

export interface MailLanguages {
  readonly texts: ReadonlyMap<string, Partial<MailTexts>>;
  /** For readers whose language is unknown or has no texts. */
  readonly defaultLanguage: string;
}

export const ourMailTexts: Readonly<Record<string, MailTexts>> = { [english]: englishMail, de: germanMail };

/** Throws an error for developers. */
export function openMailLanguages(
  given: GivenMailTexts = {},
  defaultLanguage: string = english,
): MailLanguages {
  const texts = new Map<string, Partial<MailTexts>>(Object.entries(ourMailTexts));
  for (const [name, added] of Object.entries(given)) {
    const tag = findCanonicalTag(name);
    if (tag === null)
      throw new Error(`mail.texts.${name}: the name of a language is a BCP 47 tag, such as fr or pt-BR.`);
    const merged = { ...texts.get(tag), ...added };
    requireTexts(`mail.texts.${name}`, merged, added);
    texts.set(tag, merged);
  }
  const found = findLanguage([defaultLanguage], [...texts.keys()]);
  if (found === null)
    throw new Error(
      `defaultLanguage is ${JSON.stringify(defaultLanguage)}, in which mail.texts has nothing. There is: ${[...texts.keys()].join(", ")}.`,
    );
  return { texts, defaultLanguage: found };
}

export interface SpokenMail<T extends Template> {
  readonly language: string;
  readonly text: TextOf<T>;
  readonly frame: FrameTexts;
}

/** `factsIn`: facts hold times, which are written in the language. A text that fails throws an error that may be stored. */
export function speak<T extends Template>(
  { texts, defaultLanguage }: MailLanguages,
  template: T,
  locale: string | null,
  factsIn: (language: string) => MailFacts[T],
): SpokenMail<T> {
  const wanted = locale === null ? [defaultLanguage] : [locale, defaultLanguage];
  const chosen = findLanguage(wanted, [...texts.keys()]) ?? english;
  // The whole mail is in one language.
  const language = texts.get(chosen)?.[template] === undefined ? english : chosen;
  const spoken = { ...englishMail, ...texts.get(language) };
  return { language, text: say(language, spoken, template, factsIn(language)), frame: spoken };
}

type TemplateTexts = { readonly [T in Template]: (facts: MailFacts[T]) => TextOf<T> };

const say = <T extends Template>(
  language: string,
  texts: TemplateTexts,
  template: T,
  facts: MailFacts[T],
): TextOf<T> => {
  const name = `mail.texts.${language}["${template}"]`;
  let text: TextOf<T>;
  try {
    text = texts[template](facts);
  } catch (error) {
    // Its text may hold facts, and this one is stored and logged.
    throw new Error(`${name} failed: ${error instanceof Error ? error.name : typeof error}`);
  }
  const { subject, paragraphs, unexpected } = text ?? {};
  const parts = [
    subject,
    unexpected,
    ...(isLinkTemplate(template) ? [(text as { label?: string })?.label] : []),
  ];
  if (!Array.isArray(paragraphs) || ![...parts, ...paragraphs].every((part) => typeof part === "string"))
    throw new Error(
      `${name} must return a subject, paragraphs, unexpected${isLinkTemplate(template) ? " and label" : ""}.`,
    );
  return text;
};

const isLinkTemplate = (template: Template): boolean => linkTemplates.has(template);

const linkTemplates: ReadonlySet<Template> = new Set<LinkTemplate>([
  "verify-address",
  "reset-password",
  "address-change-confirm",
  "address-changed",
  "invitation",
  "login-code",
]);

const templates = Object.keys(sampleFacts) as Template[];
const frames: readonly (keyof FrameTexts)[] = ["greeting", "validity", "unexpected", "support"];

/** Tried with samples: a mistake in a text must not wait for the first mail. */
const requireTexts = (name: string, merged: Partial<MailTexts>, added: Partial<MailTexts>): void => {
  for (const key of Object.keys(added))
    if (!Object.hasOwn(englishMail, key))
      throw new Error(`${name} has a text ${key}. There are: ${Object.keys(englishMail).join(", ")}.`);
  const missing = frames.filter((key) => merged[key] === undefined);
  if (missing.length > 0)
    throw new Error(`${name} needs ${missing.join(", ")} too: otherwise half of a mail would be English.`);
  const language = name.slice("mail.texts.".length);
  for (const template of templates)
    if (added[template] !== undefined)
      say(language, { ...englishMail, ...merged }, template, sampleFacts[template]);
};
