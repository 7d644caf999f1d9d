import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");
const skipped = /^((account-pages|explorer)\/page|database\/migrations)\//;

interface Module {
  readonly path: string;
  readonly text: string;
  /** Paths below src, or names of packages. */
  readonly imports: readonly string[];
}

let modules: readonly Module[];

beforeAll(async () => {
  const names = await readdir(source, { recursive: true });
  const paths = names
    .map((name) => name.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !skipped.test(path));
  modules = await Promise.all(paths.map(readModule));
});

const readModule = async (path: string): Promise<Module> => {
  const text = await readFile(join(source, path), "utf8");
  const specifiers = [...text.matchAll(/(?:^|\s)(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    ([, specifier]) => specifier ?? "",
  );
  const imports = specifiers.map((specifier) =>
    specifier.startsWith(".")
      ? relative(source, resolve(source, dirname(path), specifier)).replaceAll("\\", "/")
      : specifier,
  );
  return { path, text, imports };
};

const pathsOf = (matches: (module: Module) => boolean) =>
  modules
    .filter(matches)
    .map(({ path }) => path)
    .sort();
const importersOf = (name: RegExp) =>
  pathsOf(({ imports }) => imports.some((imported) => name.test(imported)));

/** Lower layers know nothing of higher ones. */
const layers: readonly (readonly [layer: RegExp, mayNotImport: RegExp])[] = [
  [
    /^(errors|config|eventual|hosts|mail-settings|time|sizes)\.ts$/,
    /^(account-pages|auth|cli|database|entities|explorer|http|mail|resolvers)\/|^(main|schema|server)\.ts$/,
  ],
  [
    /^entities\//,
    /^(account-pages|auth|cli|database|explorer|http|mail|resolvers)\/|^(main|schema|server)\.ts$/,
  ],
  [/^database\//, /^(account-pages|auth|cli|explorer|http|mail|resolvers)\/|^(main|schema|server)\.ts$/],
  [/^auth\//, /^(account-pages|cli|explorer|http|mail|resolvers)\/|^(main|schema|server)\.ts$/],
  [/^mail\//, /^(account-pages|cli|explorer|http|resolvers)\/|^(main|schema|server)\.ts$/],
  [/^resolvers\//, /^(account-pages|cli|explorer|http|mail)\/|^(main|schema|server)\.ts$/],
  [
    /^(schema|schema-definition)\.ts$/,
    /^(account-pages|cli|explorer|http|mail|database)\/|^(main|server)\.ts$/,
  ],
  [/^(account-pages|http|explorer)\//, /^(cli|mail|resolvers)\/|^(main|schema|server)\.ts$/],
  [/^server\.ts$/, /^cli\/|^main\.ts$/],
];

describe("dependencies point one way", () => {
  test.each(layers)("%s never imports %s", (layer, mayNotImport) => {
    const members = modules.filter(({ path }) => layer.test(path));
    expect(members).not.toEqual([]);
    const wrong = members.flatMap(({ path, imports }) =>
      imports.filter((it) => mayNotImport.test(it)).map((it) => `${path} -> ${it}`),
    );
    expect(wrong).toEqual([]);
  });

  test("and never in a circle", () => {
    const importsOf = new Map(modules.map(({ path, imports }) => [path, imports]));
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      if (done.has(path) || trail.includes(path)) return;
      for (const imported of importsOf.get(path) ?? []) visit(imported, [...trail, path]);
      done.add(path);
    };
    for (const path of importsOf.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });
});

describe("what is dangerous has one home", () => {
  test("argon2: the password file", () => {
    expect(importersOf(/^argon2$/)).toEqual(["auth/password.ts"]);
  });

  test("nodemailer and graphile-worker: mail, and the tables of jobs", () => {
    expect(importersOf(/^nodemailer/)).toEqual(["mail/outbox.ts", "mail/smtp.ts"]);
    expect(importersOf(/^graphile-worker/)).toEqual(["database/job-tables.ts", "mail/worker-pool.ts"]);
  });

  test("process.env: the configuration", () => {
    expect(pathsOf(({ text }) => /process\.env\b/.test(text))).toEqual(["config.ts"]);
  });

  test("express-session and request.session: the session file and its store", () => {
    expect(importersOf(/^express-session$/)).toEqual(["auth/session-cookie.ts", "auth/session-store.ts"]);
    expect(pathsOf(({ text }) => /\breq(uest)?\.session\b/.test(text.replaceAll(/`[^`]*`/g, "")))).toEqual([
      "auth/session-cookie.ts",
    ]);
  });

  test("express: the server, http, the pages and the session file", () => {
    const elsewhere = importersOf(/^express$/).filter(
      (path) => !/^(account-pages|http|explorer)\/|^server\.ts$|^auth\/session-cookie\.ts$/.test(path),
    );
    expect(elsewhere).toEqual([]);
  });

  test("what a name, an address or a password may be, and its one form: auth/text", () => {
    const isElsewhere = (pattern: RegExp) =>
      pathsOf(({ path, text }) => pattern.test(text) && !path.startsWith("auth/text/"));
    expect(isElsewhere(/\.normalize\(|domainToASCII|isWellFormed\(|\\p\{(?!Cc\})/u)).toEqual([
      // Which spells out what a terminal would obey.
      "log.ts",
      // Which takes out of a text what a mail cannot show.
      "mail/render.ts",
    ]);
    // Ids, which are UUIDs, and words of HTTP headers.
    expect(isElsewhere(/\.to(Locale)?(Lower|Upper)Case\(/)).toEqual([
      "auth/administration.ts",
      "auth/audit-page.ts",
      "auth/authorization-header.ts",
      "auth/breached-passwords.ts",
      "auth/session-revocation.ts",
      "http/front-door.ts",
      "http/request-body.ts",
    ]);
  });

  test("each kind of text has a rule and a form: find…Problem, and findCanonical… beside it", () => {
    const kinds = ["addresses", "passwords", "token-names", "usernames"];
    for (const kind of kinds) {
      const [text = ""] = modules.filter(({ path }) => path === `auth/text/${kind}.ts`).map((it) => it.text);
      expect(text).toMatch(/^export const find\w+Problem = \(typed: string\): BrokenRule \| null =>/m);
      expect(text).toMatch(/^export const findCanonical\w+ = \(typed: string\): string \| null =>/m);
    }
  });

  test("GraphQL: auth knows it in access and in the error table's class only", () => {
    const knowing = importersOf(/^(graphql|type-graphql|@apollo\/.*)$/).filter((path) =>
      path.startsWith("auth/"),
    );
    expect(knowing).toEqual([
      "auth/access-lock.ts",
      "auth/access-marks.ts",
      "auth/access-rules.ts",
      "auth/access.ts",
      "auth/allow-unverified.ts",
      "auth/charged.ts",
      "auth/impersonable.ts",
      "auth/known-permissions.ts",
      "auth/public.ts",
      "auth/schema-fields.ts",
      "auth/schema-part.ts",
      "auth/schema-reach.ts",
      "auth/schema-views.ts",
      "auth/scope.ts",
      "auth/token-reach.ts",
    ]);
  });
});

test("every file opens with one sentence that says what it is", () => {
  const silent = pathsOf(({ text }) => !/^\/\/ \S.*[.?](\s|$)/.test(text));
  expect(silent).toEqual([]);
});
