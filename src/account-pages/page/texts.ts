// The texts of this page that its script shows, in the page's language: the server wrote them into the page.

const texts: Readonly<Record<string, string>> = JSON.parse(
  document.querySelector<HTMLMetaElement>("meta[name=texts]")?.content ?? "{}",
);

/** Null for a text that does not exist, such as one for a rule of an application's own. */
export const findText = (name: string): string | null =>
  Object.hasOwn(texts, name) ? (texts[name] ?? null) : null;

export const say = (name: string, values: Readonly<Record<string, string>> = {}): string =>
  fill(findText(name) ?? "", values);

export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, value: string) => values[value] ?? whole);
