import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { letQuote, watchLog, withoutDevelopersSecrets } from "../harness/logs/logs.ts";

const repository = join(import.meta.dirname, "../..");
const notCopied = new Set([".git", ".graphward", ".env", "dist", "node_modules"]);
const lastSection = "7. Open a field";
const password = "correct horse battery staple";

let copy: string;
let database: TestDatabase;
let server: Served;
let alice: Client;
let bob: Client;
let administrator: Client;

// The notes go through the entity manager, as the page says of what is no secret.
letQuote(/ LOG: {2}statement: (?:insert into|delete from|select [^\n]+ from) "graphward"\."notes" /);

beforeAll(async () => {
  database = await createDatabase();
  copy = await mkdtemp(join(tmpdir(), "graphward-extending-"));
  await cp(repository, copy, { recursive: true, filter: (path) => !notCopied.has(basename(path)) });
  await symlink(join(repository, "node_modules"), join(copy, "node_modules"));
  for (const section of new Set(blocks.map((block) => block.section)))
    if (section !== lastSection) await follow(section);

  server = await serve();
  [alice, bob, administrator] = await Promise.all([
    logInAs("alice"),
    logInAs("bob"),
    logInAs("root", "--role", "ADMIN"),
  ]);
}, minutes(3));

afterAll(async () => {
  // After a failure only.
  for (const id of running) process.kill(id, "SIGKILL");
  await database?.drop();
  await rm(copy, { recursive: true, force: true });
});

describe("with the notes of docs/extending.md", () => {
  test("the start has run the new migration on top of ours", async () => {
    const files = await readdir(join(copy, "src/database/migrations"));
    const written = files.filter((name) => name.endsWith(".ts")).map((name) => name.replace(".ts", ""));
    const rows = await query<{ name: string }>("select name from migrations order by id");
    const names = rows.map(({ name }) => name);
    expect(names.at(-1)).toMatch(/^\d{14}-notes$/);
    expect(names.sort()).toEqual(written.sort());
  });

  test("notes are private, although nobody said so", async () => {
    for (const document of [listNotes, createNote, deleteNote]) {
      const answer = await new Client(server).run(document, { text: "milk", id: "1" });
      expect(answer.codes).toEqual(["UNAUTHENTICATED"]);
    }
    expect(await query("select id from notes where text = 'milk'")).toEqual([]);
  });

  test("a user sees own notes only, newest first", async () => {
    for (const text of ["first", "second"]) await add(alice, text);
    await add(bob, "bob's");
    expect(await textsOf(alice)).toEqual(["second", "first"]);
    expect(await textsOf(bob)).toEqual(["bob's"]);
    expect(await textsOf(administrator)).toEqual([]);
  });

  test("a user deletes own notes only: another's is NOT_FOUND, and so is an id that is no UUID", async () => {
    const id = await add(alice, "kept");
    for (const [client, foreign] of [
      [bob, id],
      [administrator, id],
      [alice, "00000000-0000-7000-8000-000000000000"],
      [alice, "1"],
      [alice, `${id}'`],
      [alice, ""],
    ] as const)
      expect((await client.run(deleteNote, { id: foreign })).codes).toEqual(["NOT_FOUND"]);
    expect(await textsOf(alice)).toContain("kept");

    expect((await alice.run(deleteNote, { id })).data).toEqual({ deleteNote: { id } });
    expect(await textsOf(alice)).not.toContain("kept");
    expect((await alice.run(deleteNote, { id })).codes).toEqual(["NOT_FOUND"]);
  });

  test.each([
    ["a NUL", "a\0b", "well_formed"],
    ["a lone surrogate", "a\ud800b", "well_formed"],
    ["nothing", "", "required"],
    ["one character too many", "🙂".repeat(10_001), "max_length"],
  ])("a text with %s is BAD_USER_INPUT, and the next request works", async (_what, text, rule) => {
    const answer = await alice.run(createNote, { text });
    expect(answer.status).toBe(200);
    expect(answer.errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", fields: [{ field: "text", rule }] } },
    ]);
    await add(alice, "🙂".repeat(10_000));
  });

  test("a field with @Authorized is for its role alone", async () => {
    expect((await new Client(server).run(countNotes)).codes).toEqual(["UNAUTHENTICATED"]);
    expect((await alice.run(countNotes)).codes).toEqual(["FORBIDDEN"]);
    const [row] = await query<{ count: number }>("select count(*)::int from notes");
    expect((await administrator.run(countNotes)).data).toEqual({ noteCount: row?.count });
  });

  test("notes go with the account of their owner, and with no other", async () => {
    const carol = await logInAs("carol");
    await add(carol, "carol's");
    await add(bob, "kept by bob");
    expect((await carol.run("mutation { deleteAccount { message } }")).codes).toEqual([]);
    const rows = await query<{ text: string }>("select text from notes");
    expect(rows).not.toContainEqual({ text: "carol's" });
    expect(rows).toContainEqual({ text: "kept by bob" });
  });

  test("the document's code is written as the formatter leaves it", async () => {
    const files = new Set(blocks.flatMap(({ file }) => file ?? []));
    expect(await run(`npx biome check ${[...files].join(" ")}`)).toMatchObject({ code: 0 });
  });
});

test("a field with @Public() keeps the server from starting until access.lock accepts it", async () => {
  await server.stop();
  await follow(lastSection);
  server = await serve();
  // Open, and yet nothing to read: @CurrentViewer() throws.
  const answer = await new Client(server).run(listNotes);
  expect(answer.data).toEqual({ notes: null });
  expect(answer.codes).toEqual(["INTERNAL_SERVER_ERROR"]);
  await server.stop();
});

const listNotes = "{ notes { id text createdAt } }";
const createNote = "mutation ($text: String!) { createNote(text: $text) { note { id text createdAt } } }";
const deleteNote = "mutation ($id: ID!) { deleteNote(id: $id) { id } }";
const countNotes = "{ noteCount }";

const add = async (client: Client, text: string): Promise<string> => {
  const answer = await client.run<{ createNote: { note: { id: string } } }, { text: string }>(createNote, {
    text,
  });
  expect(answer.data).toMatchObject({ createNote: { note: { text, createdAt: expect.any(String) } } });
  return answer.data?.createNote.note.id ?? "";
};

const textsOf = async (client: Client): Promise<string[]> => {
  const answer = await client.run<{ notes: { text: string }[] }, object>(listNotes);
  return answer.data?.notes.map(({ text }) => text) ?? [];
};

const logInAs = async (username: string, ...options: string[]): Promise<Client> => {
  const made = start(
    process.execPath,
    ["bin/graphward.js", "user", "create", "--username", username, "--password-stdin", ...options],
    { input: password },
  );
  expect(await made.ended, made.output()).toBe(0);
  const client = new Client(server);
  await client.logIn({ username, password });
  return client;
};

const query = async <Row>(text: string): Promise<Row[]> => {
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};

/** A file to write or to change, commands to run, or what the last of them prints. */
interface Block {
  readonly section: string;
  readonly file: string | null;
  readonly language: string;
  readonly text: string;
}

const readBlocks = (document: string): Block[] =>
  document.split(/^## /m).flatMap((part) => {
    const section = part.slice(0, part.indexOf("\n"));
    return [...part.matchAll(/(?:^`([^`\n]+)`\n\n)?^```(\w+)\n(.*?)^```$/gms)].map(
      ([, file = null, language = "", text = ""]) => ({ section, file, language, text }),
    );
  });

const blocks = readBlocks(await readFile(join(repository, "docs/extending.md"), "utf8"));

/** Does what a reader does, in the order of the page. A block that nobody could carry out fails the test. */
const follow = async (section: string): Promise<void> => {
  const steps = blocks.filter((block) => block.section === section);
  expect(steps, `docs/extending.md has no section "${section}"`).not.toEqual([]);
  let last: Ended = { code: 0, output: "" };
  for (const [index, { file, language, text }] of steps.entries()) {
    if (language === "sh") {
      const isShown = steps[index + 1]?.language === "text";
      for (const command of text.trimEnd().split("\n")) {
        expect(last.code, last.output).toBe(0);
        last = await run(command);
      }
      if (!isShown) expect(last.code, last.output).toBe(0);
    } else if (language === "text") {
      expect(last.output).toContain(text);
      expect(last.code).toBe(text.startsWith("graphward: ") ? 1 : 0);
      last = { code: 0, output: "" };
    } else if (file !== null && language === "diff") {
      const path = join(copy, file);
      await writeFile(path, change(await readFile(path, "utf8"), text));
    } else if (file !== null && language === "ts") {
      expect(existsSync(join(copy, file)), file).toBe(false);
      await writeFile(join(copy, file), text);
    } else {
      throw new Error(`Nobody could carry out this block of "${section}":\n${text}`);
    }
  }
};

/** Like `git apply`, without line numbers: each part between `@@` must be found exactly once. */
const change = (content: string, diff: string): string =>
  diff.split("@@\n").reduce((current, part) => {
    const lines = part.split(/^/m);
    const keep = (sign: string) =>
      lines
        .filter((line) => line[0] === " " || line[0] === sign)
        .map((line) => line.slice(1))
        .join("");
    const before = keep("-");
    expect(current.split(before), `to be changed:\n${before}`).toHaveLength(2);
    return current.replace(before, () => keep("+"));
  }, content);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const run = async (command: string): Promise<Ended> => {
  const shell = start("sh", ["-c", command], { detached: true });
  const code = await shell.ended;
  return { code, output: shell.output() };
};

interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

const serve = async (): Promise<Served> => {
  const { child, ended, output } = start(process.execPath, ["bin/graphward.js", "start"]);
  watchLog({ name: "the log of the copy", read: () => withoutDevelopersSecrets(output()) });
  const url = new Promise<string>((resolve) =>
    child.stdout.on("data", () => {
      const [, found] = /serving +(\S+)\n/.exec(output()) ?? [];
      if (found) resolve(found);
    }),
  );
  const exited = ended.then(() => Promise.reject(new Error(`The server did not start:\n${output()}`)));
  // Once it serves, its end is no failure of the start.
  exited.catch(() => undefined);
  const address = await Promise.race([url, exited]);
  expect((await fetch(new URL("/health/ready", address))).status).toBe(200);
  return {
    url: address,
    async stop() {
      child.kill("SIGTERM");
      expect(await ended, output()).toBe(0);
    },
  };
};

interface StartOptions {
  readonly input?: string;
  /** A group of its own, so that a command's children can be ended with it. */
  readonly detached?: boolean;
}

/** Process or, negative, group. */
const running = new Set<number>();

const start = (
  file: string,
  argv: readonly string[],
  { input = "", detached = false }: StartOptions = {},
) => {
  const { PATH = "", HOME = "", TMPDIR = tmpdir() } = process.env;
  const child = spawn(file, argv, {
    cwd: copy,
    detached,
    // Nothing else of this run's: npm and Vitest would take its variables for theirs.
    env: {
      PATH,
      HOME,
      TMPDIR,
      DATABASE_URL: database.url,
      SESSION_SECRET: "a secret of this test and of nothing else",
      PORT: "0",
      EXPLORER: "off",
      // A command that is not there must fail, not be fetched.
      npm_config_offline: "true",
    },
  });
  const id = (child.pid ?? 0) * (detached ? -1 : 1);
  running.add(id);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  child.stdin.end(input);
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    running.delete(id);
    return code ?? null;
  });
  return { child, ended, output: () => text };
};
