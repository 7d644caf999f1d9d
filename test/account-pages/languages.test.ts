import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { englishPages } from "../../src/account-pages/texts/english.ts";
import { ourPageTexts, pageNames } from "../../src/account-pages/texts/languages.ts";
import type { PageTexts } from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import type { App } from "../harness/server.ts";

const hebrew: Partial<PageTexts> = {
  common: englishPages.common,
  reset: ({ service, minPasswordLength }) => ({
    title: `<i>\u05e1\u05d9\u05e1\u05de\u05d4</i>`,
    paragraphs: [`{{lang}} ${service}`],
    label: "\u05e1\u05d9\u05e1\u05de\u05d4",
    hint: `${minPasswordLength}+`,
    button: "\u05d0\u05d9\u05e9\u05d5\u05e8",
    done: { title: "\u05d1\u05d5\u05e6\u05e2", paragraphs: [] },
    dead: [],
  }),
};

let app: App;
beforeAll(async () => {
  app = await startApplication({
    accounts: { passwordPolicy: { minLength: 10 } },
    pages: { texts: { he: hebrew } },
  });
});
afterAll(() => app.close());

const open = async (page: string, languages?: string): Promise<string> => {
  const headers = languages === undefined ? {} : { "accept-language": languages };
  return (await fetch(`${app.origin}/account/${page}`, { headers })).text();
};
/** What a reader sees. */
const visible = (html: string) =>
  html.replaceAll(/&#39;/g, "'").replaceAll(/<head>.*<\/head>|<[^>]+>/gs, " ");

describe("a page is in the first language of the browser that it has", () => {
  test.each([
    ["de-AT,de;q=0.9,en;q=0.8", "de"],
    ["en;q=0.5,de", "de"],
    ["fi,de;q=0.5", "de"],
    ["he", "he"],
    ["fi", "en"],
    ["*", "en"],
    ["", "en"],
    ["de_DE, ../../etc, x-y-z, \u00e4", "en"],
    ["__proto__,constructor", "en"],
    [`${"fi,".repeat(2000)}de`, "en"],
    [undefined, "en"],
  ])("%s", async (languages, language) => {
    expect(await open("reset", languages)).toContain(`<html lang="${language}"`);
  });
});

describe.each(pageNames)("/account/%s", (page) => {
  test("has no English in German", async () => {
    const html = await open(page === "sign-in" ? "../login" : page, "de");
    expect(html).toContain('<html lang="de" dir="ltr">');
    expect(visible(html)).toMatch(/\bSie\b/);
    expect(visible(html)).not.toMatch(/\b(?:the|your|this|you|mail|email|link(?= in the)|password)\b/);
    expect(html.match(/name="texts" content="([^"]*)"/)?.[1]).not.toMatch(/\b(?:the|your|this|you)\b/);
  });
});

test("the minimum length of passwords is in every language", async () => {
  expect(visible(await open("reset", "en"))).toContain("At least 10 characters.");
  expect(visible(await open("reset", "de"))).toContain("Mindestens 10 Zeichen.");
  expect(visible(await open("reset", "he"))).toContain("10+");
});

describe("an application's pages", () => {
  test("are text, and say their direction", async () => {
    const html = await open("reset", "he");
    expect(html).toContain('<html lang="he" dir="rtl">');
    expect(html).toContain("<title>&lt;i&gt;");
    expect(html).toContain("<p>{{lang}} localhost</p>");
  });

  test("that a language does not have are English, as a whole", async () => {
    expect(await open("verify", "he")).toContain('<html lang="en" dir="ltr">');
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ fr_FR: {} }, "pages.texts.fr_FR: the name of a language is a BCP 47 tag, such as fr or pt-BR."],
    [{ fr: { verfy: () => ({}) } }, "pages.texts.fr has a page verfy. There are: common, verify, reset"],
    [{ fr: { reset: englishPages.reset } }, "pages.texts.fr.common needs needsJavaScript, deadTitle"],
    [
      { en: { reset: () => ({ title: "x", paragraphs: [1] }) } },
      "pages.texts.en.reset needs paragraphs, label, hint, button, done.title, done.paragraphs, dead.",
    ],
  ])("with a mistake are refused at start: %j", async (texts, line) => {
    await expect(startApplication({ pages: { texts: texts as never } })).rejects.toThrow(line);
  });
});

test("our languages have the same parts", () => {
  const facts = { service: "Example", minPasswordLength: 12 };
  const partsOf = (texts: PageTexts) =>
    Object.entries(texts).map(([name, write]) => [name, namesIn(write(facts))]);
  const namesIn = (value: object): readonly unknown[] =>
    Object.entries(value).map(([name, part]) => [
      name,
      Array.isArray(part) ? part.length : typeof part === "object" ? namesIn(part) : typeof part,
    ]);
  const [first, ...others] = Object.values(ourPageTexts).map(partsOf);
  for (const other of others) expect(other).toEqual(first);
});

test("every text that the pages' script shows is in the catalogue", async () => {
  const directory = join(import.meta.dirname, "../../src/account-pages/page");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".ts"));
  const sources = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  const shown = sources.flatMap((source) =>
    [...source.matchAll(/\bsay\(([^)]*)/g)].flatMap(([, given = ""]) =>
      [...given.replace(/,\s*\{.*/s, "").matchAll(/"(\w+)"/g)].map(([, name]) => name),
    ),
  );
  const common = englishPages.common({ service: "Example", minPasswordLength: 12 });
  expect(shown.length).toBeGreaterThan(12);
  expect(shown.filter((name) => !Object.hasOwn(common, name ?? ""))).toEqual([]);
});
