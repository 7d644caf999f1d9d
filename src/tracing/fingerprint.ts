// Names a statement without its text: what it does, to which tables, and a digest of its text without values.
import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";

export interface Fingerprint {
  /** `select`, as it is written. */
  readonly operation: string;
  /** `select sessions users`: the same for statements that differ in their conditions only. */
  readonly summary: string;
  /** The same for one statement with other values, and with other numbers of values. */
  readonly digest: string;
}

/** Programs have a few hundred statements. An application that writes values into their text has any number. */
const known = new LRUCache<string, Fingerprint>({ max: 500 });

export const fingerprintOf = (sql: string): Fingerprint => {
  const found = known.get(sql) ?? read(sql);
  known.set(sql, found);
  return found;
};

const read = (sql: string): Fingerprint => {
  const text = withoutValues(sql);
  const operation = /^\(*([A-Za-z]+)/.exec(text)?.[1] ?? "other";
  const summary = [operation, ...tablesIn(text)].join(" ");
  return { operation, summary, digest: hash("sha256", text, "hex").slice(0, digestLength) };
};

const digestLength = 12;

/** A digest of a short value could be found by trying all: values are gone before there is one. */
export const withoutValues = (sql: string): string =>
  sql
    .replaceAll(notCode, (part) =>
      part.startsWith('"') ? part : part.startsWith("-") || part.startsWith("/") ? " " : "?",
    )
    .replaceAll(/\s+/g, " ")
    .replaceAll(/(?<=\() | (?=[),])/g, "")
    .replaceAll(/\?(?:, ?\?)+/g, "?")
    .replaceAll(/\(\?\)(?:, ?\(\?\))+/g, "(?)")
    .trim();

/** Comments, texts of each kind, identifiers in quotes, parameters, numbers: in the order in which PostgreSQL reads them. */
const notCode =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|\b[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*"|\$\d+|\b\d[\w.]*/g;

/** The first tables that a text names are enough to recognise it. */
const maxTables = 4;

const tablesIn = (text: string): readonly string[] => {
  const names = [
    ...text.matchAll(/\b(?:from|join|into|update) (?:only )?((?:"?\w{1,63}"?\.)?"?\w{1,63}"?)/gi),
  ];
  const tables = names.map(([, name = ""]) => name.replaceAll('"', "").replace(/^\w+\./, ""));
  return [...new Set(tables)].filter((name) => !/^set$/i.test(name)).slice(0, maxTables);
};
