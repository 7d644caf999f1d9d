// The account pages in all languages: ours, and what the application adds or replaces.
import { english, findCanonicalTag } from "../../languages.ts";
import type { CommonTexts, PageFacts, PageName, PageTexts } from "./catalogue.ts";
import { englishPages } from "./english.ts";
import { germanPages } from "./german.ts";

/** By BCP 47 tag. A page that a language does not have is English. */
export type GivenPageTexts = Readonly<Record<string, Partial<PageTexts>>>;

export const ourPageTexts: Readonly<Record<string, PageTexts>> = { [english]: englishPages, de: germanPages };

/** A page in one language. */
export type SpokenPage = {
  readonly [Name in PageName]: {
    readonly page: Name;
    readonly language: string;
    readonly text: ReturnType<PageTexts[Name]>;
    readonly common: CommonTexts;
  };
}[PageName];

export const pageNames = Object.keys(englishPages).filter((name) => name !== "common") as PageName[];

/** Every page, by language. Throws an error for developers. */
export function writePages(
  given: GivenPageTexts,
  facts: PageFacts,
): ReadonlyMap<string, readonly SpokenPage[]> {
  const texts = new Map<string, Partial<PageTexts>>(Object.entries(ourPageTexts));
  for (const [name, added] of Object.entries(given)) {
    const tag = findCanonicalTag(name);
    if (tag === null)
      throw new Error(`pages.texts.${name}: the name of a language is a BCP 47 tag, such as fr or pt-BR.`);
    for (const key of Object.keys(added))
      if (!Object.hasOwn(englishPages, key))
        throw new Error(
          `pages.texts.${name} has a page ${key}. There are: ${Object.keys(englishPages).join(", ")}.`,
        );
    texts.set(tag, { ...texts.get(tag), ...added });
  }
  const write = (tag: string): readonly SpokenPage[] =>
    pageNames.map((page) => {
      // The whole page is in one language.
      const language = texts.get(tag)?.[page] === undefined ? english : tag;
      const spoken = texts.get(language) ?? {};
      return {
        page,
        language,
        text: say(language, spoken, page, facts),
        common: say(language, spoken, "common", facts),
      } as SpokenPage;
    });
  return new Map([...texts.keys()].map((tag) => [tag, write(tag)]));
}

const say = <Key extends keyof PageTexts>(
  language: string,
  texts: Partial<PageTexts>,
  key: Key,
  facts: PageFacts,
): ReturnType<PageTexts[Key]> => {
  const text = texts[key]?.(facts);
  // English has every part, so that a part that is forgotten, or is no text, is found at start.
  const missing = missingParts(englishPages[key](facts), text);
  if (missing.length > 0) throw new Error(`pages.texts.${language}.${key} needs ${missing.join(", ")}.`);
  return text as ReturnType<PageTexts[Key]>;
};

const missingParts = (model: unknown, text: unknown, name = ""): readonly string[] => {
  if (Array.isArray(model))
    return Array.isArray(text) && text.every((part) => typeof part === "string") ? [] : [name];
  if (typeof model === "object" && model !== null)
    return Object.entries(model).flatMap(([key, part]) =>
      missingParts(
        part,
        (text as Record<string, unknown> | undefined)?.[key],
        name === "" ? key : `${name}.${key}`,
      ),
    );
  return typeof text === "string" ? [] : [name];
};
