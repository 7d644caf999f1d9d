import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { asSuperuser } from "../harness/database/roles.ts";
import { noteEnvironment } from "../harness/logs/canaries.ts";
import { until } from "../harness/mail/mail.ts";
import { readMessages } from "../harness/mail/outbox.ts";
import { graphward, productionEnvironment, program, type Served, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import { RequestPasswordResetDocument, ViewerDocument } from "../operations/generated/graphql.ts";

const password = "a quiet tram at dawn";
/** Each starts a dozen commands. */
vi.setConfig({ testTimeout: minutes(4) });

let directory: string;
let database: TestDatabase;
let port: number;
/** The operator's shell has it, and each server that is started next. */
let environment: Record<string, string>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-keeping-"));
  await chmod(directory, 0o711);
  database = await createDatabase({ empty: true });
  port = await findFreePort();
  environment = {};
});
afterEach(async () => {
  await asSuperuser("postgres", `drop database if exists ${database.name} with (force)`);
  await rm(directory, { recursive: true, force: true });
});

/** The blocks of a section of the page. */
const blocksOf = async (heading: string, language = "sh"): Promise<readonly string[]> => {
  const page = await readFile(join(import.meta.dirname, "../../docs/keeping.md"), "utf8");
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const [own = ""] = section.split("\n## ");
  return [...own.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, "gs"))].map(([, text = ""]) => text);
};

const newSecret = `"${process.execPath}" -p 'require("node:crypto").randomBytes(48).toString("base64")'`;
const kept = ["SESSION_SECRET", "AUDIT_KEY", "DATABASE_URL", "DATA_DIR"];

/** Runs a block but its `npm start`, which is for the test, and keeps what it exports. */
const run = async (block: string): Promise<string> => {
  const lines = block.split("\n").filter((line) => line !== "npm start");
  const script = `${lines.join("\n")}\nenv -0 > .environment`
    .replaceAll("npx graphward", `"${process.execPath}" "${program}"`)
    .replaceAll("openssl rand -base64 48", newSecret)
    .replace(/'postgres:\/\/graphward:\.\.\.[^']*'/, `'${database.url}'`);
  const shell = spawn("sh", ["-ec", script], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [status] = await once(shell, "close");
  expect([block, status, output]).toEqual([block, 0, output]);
  const exported = (await readFile(join(directory, ".environment"), "utf8")).split("\0");
  const found = exported.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  for (const name of kept) delete environment[name];
  for (const [name = "", value = ""] of found) if (kept.includes(name)) environment[name] = value;
  noteEnvironment(environment);
  return output;
};

const start = (more: Readonly<Record<string, string>> = {}) =>
  serve(port, { directory, environment: { EXPLORER: "off", ...environment, ...more } });
const app = () => ({ url: `http://127.0.0.1:${port}/graphql` });
const createUser = (username: string) =>
  graphward(
    ["user", "create", "--username", username, "--email", `${username}@example.org`, "--password-stdin"],
    {
      directory,
      environment,
      input: password,
    },
  );
const logIn = async (username: string) => {
  const [browser, phone] = [new Client(app()), new Client(app())];
  await browser.logIn({ username, password }, "SESSION");
  await phone.logIn({ username, password }, "TOKEN");
  return [browser, phone] as const;
};
/** Every ten seconds. Without a sealed event, there is nothing to verify. */
const sealed = ({ output }: Served) => until(() => output.stdout.includes("audit trail sealed"));
const namesOf = (clients: readonly Client[]) =>
  Promise.all(clients.map(async (client) => (await client.run(ViewerDocument)).data?.viewer?.username));

test("from the built-in database to a server and back nobody is logged out, and the mail that waited is sent", async () => {
  const first = await start({ SMTP_URL: "smtp://127.0.0.1:9" });
  expect(await createUser("alice")).toMatchObject({ status: 0 });
  const clients = await logIn("alice");
  const email = "alice@example.org";
  expect((await new Client(app()).run(RequestPasswordResetDocument, { email })).codes).toEqual([]);
  await sealed(first);
  await first.stop("SIGTERM");

  const [there = ""] = await blocksOf("Move to a server");
  expect(await run(there)).toMatch(
    /^Restored the backup of \S+: \d+ rows\.$[\s\S]*^The audit trail is intact\./m,
  );
  expect(environment.DATABASE_URL).toBe(database.url);
  const second = await start();
  expect(await namesOf(clients)).toEqual(["alice", "alice"]);
  await until(async () =>
    (await readMessages(join(directory, ".graphward"))).find((it) => it.includes(email)),
  );
  // What only the new database knows.
  expect(await createUser("bob")).toMatchObject({ status: 0 });
  const others = await logIn("bob");
  await second.stop("SIGTERM");

  const [back = ""] = await blocksOf("Move back to the built-in database");
  expect(await run(back)).toMatch(/^The audit trail is intact\./m);
  expect(environment.DATABASE_URL).toBeUndefined();
  const third = await start();
  expect(third.output.stdout).toContain("built-in PostgreSQL in");
  expect(await namesOf([...clients, ...others])).toEqual(["alice", "alice", "bob", "bob"]);
  await third.stop("SIGTERM");
});

test("after a loss, what the page says ends has ended, and who logs in again is let in", async () => {
  const secrets = {
    SESSION_SECRET: randomBytes(32).toString("hex"),
    AUDIT_KEY: randomBytes(32).toString("hex"),
  };
  environment = { DATABASE_URL: database.url, ...secrets };
  const first = await start();
  expect(await createUser("alice")).toMatchObject({ status: 0 });
  const clients = await logIn("alice");
  const [backup = ""] = await blocksOf("Back up");
  expect(await run(backup)).toMatch(/^Backed up \d+ rows of \d+ tables to graphward\.backup\.\nNot in it: /);
  await first.stop("SIGTERM");
  await asSuperuser("postgres", `drop database ${database.name} with (force)`);
  database = await createDatabase({ empty: true });
  environment = { DATABASE_URL: database.url, ...secrets };

  const [restore = ""] = await blocksOf("Restore after a loss");
  expect(await run(restore)).toMatch(/^Sessions ended: 2\.$/m);
  const second = await start();
  expect(await namesOf(clients)).toEqual([undefined, undefined]);
  expect(await namesOf(await logIn("alice"))).toEqual(["alice", "alice"]);
  await second.stop("SIGTERM");
});

test("SESSION_SECRET and AUDIT_KEY are replaced, and nobody notices while the old secret is listed", async () => {
  environment = {
    ...productionEnvironment(),
    PUBLIC_URL: "https://app.example.com",
    TRUST_PROXY: "1",
    PORT: String(port),
    DATABASE_URL: database.url,
    COOKIE_NAME: "graphward",
  } as never;
  const [add = "", remove = ""] = await blocksOf("Replace SESSION_SECRET");
  const [replace = ""] = await blocksOf("Replace AUDIT_KEY");
  const first = await start();
  expect(await createUser("alice")).toMatchObject({ status: 0 });
  const [before] = await logIn("alice");
  await sealed(first);
  await first.stop("SIGTERM");
  await run(add);
  expect(await run(replace)).toMatch(/^The audit trail is intact\./);
  const second = await start();
  const [between] = await logIn("alice");
  expect(await namesOf([before, between])).toEqual(["alice", "alice"]);
  await second.stop("SIGTERM");
  await run(remove);
  expect(environment.SESSION_SECRET).not.toContain(",");
  const third = await start();
  expect(await namesOf([between])).toEqual(["alice"]);
  expect(await graphward(["audit", "verify"], { environment })).toMatchObject({ status: 0 });
  await third.stop("SIGTERM");
});

test("the database's password is replaced by a second role, while servers serve", async () => {
  const [grant = ""] = await blocksOf("Replace the database's password");
  const [create = "", drop = ""] = await blocksOf("Replace the database's password", "sql");
  const names = {
    app_1: `app_${randomBytes(4).toString("hex")}`,
    app_2: `app_${randomBytes(4).toString("hex")}`,
  };
  const own = (text: string) => text.replaceAll(/app_[12]/g, (name) => names[name as keyof typeof names]);
  const urlOf = (name: string) => database.url.replace(/\/\/[^@]*@/, `//${name}:...@`);
  environment = { DATABASE_URL: database.url };
  await asSuperuser(database.name, own(create.replace("app_2", "app_1")));
  await run(own(grant).replace(names.app_2, names.app_1));
  expect(await createUser("alice")).toMatchObject({ status: 0 });
  environment = { DATABASE_URL: urlOf(names.app_1) };
  const first = await start();
  const clients = await logIn("alice");

  environment = { DATABASE_URL: database.url };
  await asSuperuser(database.name, own(create));
  await run(own(grant));
  expect(await namesOf(clients)).toEqual(["alice", "alice"]);
  await first.stop("SIGTERM");
  environment = { DATABASE_URL: urlOf(names.app_2) };
  const second = await start();
  await asSuperuser(database.name, ...own(drop).split("\n"));
  expect(await namesOf(clients)).toEqual(["alice", "alice"]);
  expect(await namesOf(await logIn("alice"))).toEqual(["alice", "alice"]);
  await second.stop("SIGTERM");
  await asSuperuser(database.name, `drop owned by ${names.app_2}; drop role ${names.app_2}`);
});
