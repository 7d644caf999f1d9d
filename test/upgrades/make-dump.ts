// `node test/upgrades/make-dump.ts <name> <commit>`: fills the empty database of DATABASE_URL through the front door of an earlier
// version, and dumps it. The `pg_dump` on the path must be as new as the database.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Description } from "./dumps.ts";
import { buildEarlier } from "./earlier-build.ts";

const [name = "", commit = ""] = process.argv.slice(2);
const { DATABASE_URL: databaseUrl = "" } = process.env;
if (name === "" || commit === "" || databaseUrl === "")
  throw new Error("Usage: DATABASE_URL=... node test/upgrades/make-dump.ts <name> <commit>");

const port = 24_680;
const url = `http://localhost:${port}/graphql`;
const password = "a quiet tram at dawn";
const dataDir = mkdtempSync(join(tmpdir(), "graphward-dump-"));
const secrets = {
  sessionSecret: randomBytes(32).toString("hex"),
  auditKey: randomBytes(32).toString("hex"),
};
const environment = {
  PATH: process.env.PATH,
  DATABASE_URL: databaseUrl,
  DATA_DIR: dataDir,
  PORT: String(port),
  SESSION_SECRET: secrets.sessionSecret,
  AUDIT_KEY: secrets.auditKey,
  // A version that does not know it has this name anyway.
  COOKIE_NAME: "graphward",
  EXPLORER: "off",
  SHUTDOWN_DELAY: "0s",
  // Nobody listens there: mail waits.
  SMTP_URL: "smtp://127.0.0.1:9",
};

const run = (args: readonly string[], input = ""): string =>
  execFileSync(process.execPath, [build.program, ...args], { env: environment, input, encoding: "utf8" });

type Cookies = Readonly<Record<string, string>>;

const ask = async (
  query: string,
  { cookies = {}, token = "" }: { cookies?: Cookies; token?: string } = {},
) => {
  const cookie = Object.entries(cookies)
    .map(([key, value]) => `${key}=${value}`)
    .join("; ");
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      ...(cookie && { cookie }),
      ...(token && { authorization: `Token ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const given = response.headers
    .getSetCookie()
    .map((line) => /^([^=]+)=([^;]*)/.exec(line)?.slice(1) as [string, string]);
  const body = (await response.json()) as {
    data?: Record<string, { readonly token?: string } | null>;
    errors?: unknown;
  };
  return { ...body, cookies: Object.fromEntries(given) as Cookies };
};

const require = async (...args: Parameters<typeof ask>) => {
  const answer = await ask(...args);
  if (answer.errors !== undefined) throw new Error(`${args[0]}: ${JSON.stringify(answer.errors)}`);
  return answer;
};

const logIn = async (username: string) => {
  const query = `mutation { login(username: "${username}", password: "${password}") { token } }`;
  const { data, cookies } = await require(query);
  const { token } = data?.login ?? {};
  if (token === undefined) throw new Error(`${username} cannot log in.`);
  return { cookies, token };
};

const hasMutation = async (field: string): Promise<boolean> => {
  const { data } = await require("{ __schema { mutationType { fields { name } } } }");
  return JSON.stringify(data).includes(`"${field}"`);
};

const create = (username: string, ...roles: readonly string[]) =>
  run(
    [
      ...["user", "create", "--username", username, "--email", `${username}@example.org`, "--password-stdin"],
      ...roles.flatMap((role) => ["--role", role]),
    ],
    `${password}\n`,
  );

const fill = async (): Promise<Omit<Description, "commit" | "made" | "rows">> => {
  const commands = run(["--help"]);
  if (/^ +role /m.test(commands)) run(["role", "grant", "EDITOR", "users:read"]);
  create("grace", "ADMIN");
  create("alan", "EDITOR");
  const grace = await logIn("grace");
  await ask(`mutation { login(username: "grace", password: "wrong") { token } }`);
  const alan = await logIn("alan");
  await require("mutation { logout { message } }", await logIn("alan"));

  let accessToken: string | null = null;
  const waitingMail: string[] = [];
  if (await hasMutation("createAccessToken")) {
    const query = `mutation { createAccessToken(input: { name: "a script", scopes: ["profile:read"] }) { token } }`;
    accessToken = (await require(query, grace)).data?.createAccessToken?.token ?? null;
  }
  if (await hasMutation("register")) {
    await require(
      `mutation { register(input: { username: "ada", email: "ada@example.org", password: "${password}" }) { message } }`,
    );
    await require(`mutation { requestPasswordReset(email: "alan@example.org") { message } }`);
    waitingMail.push("ada@example.org", "alan@example.org");
  }
  const formerNames: string[] = [];
  if (await hasMutation("changeUsername")) {
    await require(`mutation { changeUsername(username: "turing") { message } }`, alan);
    formerNames.push("alan");
  }
  const auditHead = /^ +audit /m.test(commands) ? await sealedHead() : null;
  return { ...secrets, password, ...grace, accessToken, waitingMail, formerNames, auditHead };
};

/** A server seals every ten seconds. */
const sealedHead = async (): Promise<string> => {
  for (;;) {
    const { unsealed, head } = JSON.parse(run(["audit", "verify", "--json"]));
    if (unsealed === 0 && head !== null) return head;
    await pause(500);
  }
};

const countRows = async (): Promise<Record<string, number>> => {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const tables = await client.query<{ schema: string; name: string }>(
    `select schemaname as schema, tablename as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') and schemaname not like '%worker' and schemaname not like '%jobs'
       and tablename <> 'migrations' order by 2`,
  );
  const rows: Record<string, number> = {};
  for (const { schema, name } of tables.rows) {
    const counted = await client.query(`select count(*)::int as count from ${schema}.${name}`);
    rows[name] = counted.rows[0].count;
  }
  await client.end();
  return rows;
};

const dump = (): string =>
  execFileSync(
    "pg_dump",
    ["--inserts", "--rows-per-insert=50", "--no-owner", "--no-privileges", databaseUrl],
    {
      encoding: "utf8",
    },
  )
    // What only psql understands.
    .replaceAll(/^\\.*\n/gm, "")
    .replaceAll(/^--.*\n/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n");

const build = buildEarlier(commit);
try {
  const server = spawn(process.execPath, [build.program, "start"], { env: environment, stdio: "inherit" });
  const ended = once(server, "exit");
  while (!(await fetch(`http://localhost:${port}/health/ready`).catch(() => null))?.ok) {
    if (server.exitCode !== null) throw new Error("The server ended.");
    await pause(100);
  }
  const filled = await fill();
  server.kill("SIGTERM");
  await ended;
  const rows = await countRows();
  const description: Description = { commit, made: new Date().toISOString(), ...filled, rows };
  const path = join(import.meta.dirname, "dumps", name);
  writeFileSync(`${path}.json`, `${JSON.stringify(description, null, 2)}\n`);
  const header = `-- Made by test/upgrades/make-dump.ts from commit ${commit}. Its secrets open nothing else.\n`;
  writeFileSync(`${path}.sql`, header + dump());
} finally {
  build.remove();
  rmSync(dataDir, { recursive: true, force: true });
}
