import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

const source = join(import.meta.dirname, "../../src");
const skipped = /^((account-pages|explorer)\/page|database\/migrations)\//;

interface Module {
  readonly path: string;
  readonly text: string;
  /** Paths below src, or package names. */
  readonly imports: readonly string[];
  /** Those loaded at once: without type-only imports and dynamic imports. */
  readonly loads: readonly string[];
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
  const pathsIn = (pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, specifier = ""]) =>
      specifier.startsWith(".")
        ? relative(source, resolve(source, dirname(path), specifier)).replaceAll("\\", "/")
        : specifier,
    );
  const imports = pathsIn(/(?:^|\s)(?:from|import)\s*\(?\s*"([^"]+)"/g);
  const loads = pathsIn(/^(?:import|export)\b(?! type\b)(?:[^"';]*?\bfrom)?\s*"([^"]+)"/gm);
  return { path, text, imports, loads };
};

const pathsOf = (matches: (module: Module) => boolean) =>
  modules
    .filter(matches)
    .map(({ path }) => path)
    .sort();
const loadersOf = (name: RegExp) => pathsOf(({ loads }) => loads.some((loaded) => name.test(loaded)));
const importersOf = (name: RegExp) =>
  pathsOf(({ imports }) => imports.some((imported) => name.test(imported)));

/**
 * The rooms of the house, from top to bottom: a file may import from its own room and from rooms on lower
 * floors. A room is a folder of `src` or of `src/auth`; a file directly in one of these is a room of its own.
 */
const floors: readonly (readonly string[])[] = [
  ["package"],
  ["cli", "testing"],
  ["main"],
  ["process"],
  ["server"],
  ["application"],
  ["schema", "routes"],
  ["resolvers", "jobs", "login-pages", "metrics"],
  ["auth/administration", "mail", "graphql"],
  ["auth/flows", "auth/access"],
  ["auth/endings"],
  ["auth/context"],
  ["auth/services"],
  ["auth/authentication"],
  ["auth/access-tokens"],
  ["auth/sessions", "auth/limits", "account-pages", "explorer"],
  ["auth/challenges"],
  ["auth/factors", "auth/passkeys", "auth/providers"],
  [
    "auth/users",
    "auth/passwords",
    "auth/account-hooks",
    "auth/browsers",
    "auth/audit",
    "auth/transaction",
    "http",
    "redis",
  ],
  ["brand"],
  [
    "auth/secrets",
    "auth/text",
    "auth/viewer",
    "auth/outgoing-mail",
    "auth/page",
    "backup",
    "error-log",
    "log",
    "live",
  ],
  ["errors", "database", "config"],
  ["tracing"],
  ["entities", "time", "sizes", "html", "languages", "promise-or-value", "package-root", "meter"],
];

const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));

const roomOf = (path: string): string => {
  const [first = "", second = ""] = path.replace(/\.ts$/, "").split("/");
  return first === "auth" ? `auth/${second}` : first;
};

const isOurs = (imported: string): boolean => /\.tsx?$/.test(imported);

describe("dependencies point one way", () => {
  test("every file is in a room, and every room has files", () => {
    expect(new Set(modules.map(({ path }) => roomOf(path)))).toEqual(new Set(floorOf.keys()));
  });

  test("no file imports from a higher floor, or from another room of its own floor", () => {
    const climbs = modules.flatMap(({ path, imports }) =>
      imports
        .filter((imported) => isOurs(imported) && roomOf(imported) !== roomOf(path))
        .filter((imported) => !(Number(floorOf.get(roomOf(imported))) > Number(floorOf.get(roomOf(path)))))
        .map((imported) => `${path} -> ${imported}`),
    );
    expect(climbs).toEqual([]);
  });

  test("CONTRIBUTING.md draws each room once, on its floor, and no arrow that is no import", async () => {
    const page = await readFile(join(import.meta.dirname, "../../CONTRIBUTING.md"), "utf8");
    const [, picture = ""] = /```mermaid\nflowchart TD\n(.*?)```/s.exec(page) ?? [];
    const drawn = [...picture.matchAll(/^ {2}subgraph .*?^ {2}end$/gms)].map(([floor]) =>
      [...floor.matchAll(/^ {4}(\w+)\["([a-z/-]+)"\]$/gm)].map(
        ([, id = "", room = ""]) => [id, room] as const,
      ),
    );
    expect(drawn.map((rooms) => rooms.map(([, room]) => room).sort())).toEqual(
      floors.map((rooms) => rooms.toSorted()),
    );

    const rooms = new Map(drawn.flat());
    const imports = new Set(
      modules.flatMap(({ path, imports }) => imports.map((it) => `${roomOf(path)} -> ${roomOf(it)}`)),
    );
    const arrows = [...picture.matchAll(/^ {2}(\w+(?: --> \w+)+)$/gm)].flatMap(([, chain = ""]) => {
      const ids = chain.split(" --> ");
      return ids.slice(1).map((to, index) => `${rooms.get(ids[index] ?? "")} -> ${rooms.get(to)}`);
    });
    expect(arrows.length).toBeGreaterThan(20);
    expect(arrows.filter((arrow) => !imports.has(arrow))).toEqual([]);
    // The picture contains nothing else, such as an arrow of another form, which this test would not check.
    expect(picture.replaceAll(/^ {2}(subgraph .*?^ {2}end|\w+( --> \w+)+)$/gms, "").trim()).toBe("");
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

describe("a command loads what it needs", () => {
  /** Every package that these files load, directly or not. */
  const packagesOf = (...roots: readonly string[]): readonly string[] => {
    const loadsOf = new Map(modules.map(({ path, loads }) => [path, loads]));
    const found = new Set<string>();
    const visit = (path: string): void => {
      if (found.has(path)) return;
      found.add(path);
      for (const loaded of loadsOf.get(path) ?? []) visit(loaded);
    };
    for (const root of roots) visit(root);
    return [...found].filter((name) => !isOurs(name) && !name.startsWith("node:")).sort();
  };

  test("--help of each command: commander alone", () => {
    expect(packagesOf("cli/main.ts")).toEqual(["commander"]);
  });

  test("what only reads and writes rows: neither MikroORM nor type-graphql, nor the whole of graphql", () => {
    const withRows = [
      ["cli/command/with-database.ts", "cli/user/describe.ts", "auth/users/page.ts"],
      ["auth/administration/accounts.ts", "auth/administration/activation.ts", "auth/sessions/ends.ts"],
      ["auth/access-tokens/ends.ts", "auth/audit/trail/verification.ts", "mail/queue.ts"],
    ].flat();
    const large = /^(graphql|type-graphql|graphql-scalars|@mikro-orm\/.*|graphile-worker)$/;
    expect(packagesOf(...withRows)).toContain("kysely");
    expect(packagesOf(...withRows).filter((name) => large.test(name))).toEqual([]);
  });
});

describe("what is dangerous has one home", () => {
  test("argon2: the room of passwords", () => {
    expect(importersOf(/^argon2$/)).toEqual(["auth/passwords/hash.ts"]);
  });

  test("prom-client: the room of metrics, which the server loads only when they are on", () => {
    expect(importersOf(/^prom-client/).filter((path) => !path.startsWith("metrics/"))).toEqual([]);
    expect(loadersOf(/^metrics\//).filter((path) => !path.startsWith("metrics/"))).toEqual([]);
  });

  test("@redis/client: the room of Redis, which the server loads only where there is one", () => {
    expect(importersOf(/^@redis/)).toEqual(["redis/client.ts"]);
    expect(loadersOf(/^redis\//).filter((path) => !path.startsWith("redis/"))).toEqual([]);
  });

  test("nodemailer and graphile-worker: mail, the tables of jobs, and an application's jobs", () => {
    expect(importersOf(/^nodemailer/)).toEqual(["mail/outbox.ts", "mail/smtp.ts"]);
    expect(importersOf(/^graphile-worker/)).toEqual([
      "database/job-workers.ts",
      "database/migrating/job-tables.ts",
      "jobs/application-jobs.ts",
      "mail/worker-pool.ts",
    ]);
  });

  test("process.env: the configuration", () => {
    expect(pathsOf(({ text }) => /process\.env\b/.test(text))).toEqual(["config/config.ts"]);
  });

  test("transactions: one file, which repeats them, and the audit trail's snapshot", () => {
    expect(pathsOf(({ text }) => /\.transaction\(\)/.test(text))).toEqual([
      "auth/audit/trail/verification.ts",
      "database/transaction.ts",
    ]);
  });

  test("reading from a replica: lists of users, the audit trail, exports, and nothing that decides", () => {
    expect(pathsOf(({ text }) => /\breadList\b/.test(text))).toEqual([
      "auth/flows/data-export.ts",
      "auth/services.ts",
      "auth/users/count.ts",
      "database/replica/open.ts",
      "resolvers/administration/audit.ts",
      "resolvers/administration/users.ts",
      "server.ts",
    ]);
    const importers = importersOf(/^database\/replica\//);
    expect(importers.filter((path) => !path.startsWith("database/replica/"))).toEqual([
      "auth/services.ts",
      "auth/users/count.ts",
      "cli/check/replica.ts",
      "metrics/open.ts",
      "metrics/replica-state.ts",
      "server.ts",
    ]);
  });

  test("connections to PostgreSQL: one client, which states what it relies on", () => {
    expect(pathsOf(({ text }) => /(?:new|extends) pg\.Client\b/.test(text))).toEqual([
      "database/connecting/client.ts",
    ]);
    expect(pathsOf(({ text }) => /new pg\.Pool\b/.test(text))).toEqual(["database/connecting/connection.ts"]);
  });

  test("express-session and request.session: the session file and its store", () => {
    expect(importersOf(/^express-session$/)).toEqual(["auth/sessions/cookie.ts", "auth/sessions/store.ts"]);
    expect(pathsOf(({ text }) => /\breq(uest)?\.session\b/.test(text.replaceAll(/`[^`]*`/g, "")))).toEqual([
      "auth/sessions/cookie.ts",
    ]);
  });

  test("express: the routes, http, the pages and the session file", () => {
    const elsewhere = loadersOf(/^express$/).filter(
      (path) =>
        !/^(account-pages|http|explorer|login-pages)\/|^routes\.ts$|^auth\/sessions\/cookie\.ts$/.test(path),
    );
    expect(elsewhere).toEqual([]);
  });

  test("what a name, an address or a password may be, and its one form: auth/text", () => {
    const isElsewhere = (pattern: RegExp) =>
      pathsOf(({ path, text }) => pattern.test(text) && !path.startsWith("auth/text/"));
    expect(isElsewhere(/\.normalize\(|domainToASCII|isWellFormed\(|\\p\{(?!Cc\})/u)).toEqual([
      // Words that a password may not be made of.
      "auth/passwords/policy.ts",
      "auth/passwords/service-words.ts",
      // Write out characters that a terminal would obey.
      "cli/command/terminal.ts",
      "log.ts",
      // Removes characters that a mail cannot show.
      "mail/render.ts",
    ]);
    // UUIDs, and words of HTTP headers.
    expect(isElsewhere(/\.to(Locale)?(Lower|Upper)Case\(/)).toEqual([
      "auth/access/node-lookup.ts",
      "auth/administration/administer.ts",
      "auth/administration/identity-removal.ts",
      "auth/audit/page.ts",
      "auth/authentication/authorization-header.ts",
      "auth/flows/access-tokens.ts",
      "auth/flows/factors/trusted-browsers.ts",
      "auth/flows/passkeys/changes.ts",
      "auth/flows/session-revocation.ts",
      "auth/passwords/breached.ts",
      "auth/passwords/policy.ts",
      "auth/passwords/service-words.ts",
      "config/network/network.ts",
      "graphql/subscriptions/formats.ts",
      "http/request-handler.ts",
      "http/request/body.ts",
    ]);
  });

  test("each kind of text has a rule and a form: find…Problem, and findCanonical… beside it", () => {
    const kinds = ["emails", "passwords", "token-names", "usernames"];
    for (const kind of kinds) {
      const [text = ""] = modules.filter(({ path }) => path === `auth/text/${kind}.ts`).map((it) => it.text);
      expect(text).toMatch(
        /^export const find\w+Problem = \(\s*typed: string[^)]*\): BrokenRule \| null =>/m,
      );
      expect(text).toMatch(/^export const findCanonical\w+ = \(typed: string\): string \| null =>/m);
    }
  });

  test("GraphQL: auth knows it in access only", () => {
    const elsewhere = importersOf(/^(graphql|type-graphql|@apollo\/.*)$/).filter(
      (path) => path.startsWith("auth/") && !path.startsWith("auth/access/"),
    );
    expect(elsewhere).toEqual([]);
  });
});

test("every file opens with one sentence that says what it is", () => {
  const silent = pathsOf(({ text }) => !/^\/\/ \S.*[.?](\s|$)/.test(text));
  expect(silent).toEqual([]);
});
