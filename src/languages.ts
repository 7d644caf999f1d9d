// Languages of texts, as BCP 47 tags: which one a reader gets, and in which direction it is written.

/** English has all texts. */
export const english = "en";

/**
 * The first wanted language that is available. As RFC 4647, 3.4: `de-AT` finds `de`. Likely subtags count too: `zh-TW` finds
 * `zh-Hant`, and `pt` finds `pt-BR`. A tag that is none is skipped.
 */
export function findLanguage(wanted: readonly string[], available: readonly string[]): string | null {
  for (const tag of wanted) {
    const found = namesOf(tag).map((name) => available.find((it) => it === name || likelyTag(it) === name));
    const [first] = found.filter((it) => it !== undefined);
    if (first !== undefined) return first;
  }
  return null;
}

/** The canonical form, or null for a text that is no tag. */
export function findCanonicalTag(text: string): string | null {
  try {
    return new Intl.Locale(text).baseName;
  } catch {
    return null;
  }
}

/** For the `dir` attribute. */
export function directionOf(tag: string): "ltr" | "rtl" {
  return rightToLeft.has(new Intl.Locale(tag).maximize().script ?? "") ? "rtl" : "ltr";
}

const rightToLeft: ReadonlySet<string> = new Set([
  "Adlm",
  "Arab",
  "Hebr",
  "Mand",
  "Nkoo",
  "Rohg",
  "Syrc",
  "Thaa",
]);

const likelyTag = (tag: string): string => new Intl.Locale(tag).maximize().baseName;

const namesOf = (text: string): readonly string[] => {
  const tag = findCanonicalTag(text);
  return tag === null ? [] : [...truncationsOf(tag), ...truncationsOf(likelyTag(tag))];
};

/** `de-Latn-AT`, `de-Latn`, `de`. */
const truncationsOf = (tag: string): readonly string[] => {
  const parts = tag.split("-");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
};
