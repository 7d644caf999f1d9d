import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSchema } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { note } from "../harness/logs/canaries.ts";
import { until } from "../harness/mail/mail.ts";
import { program, type Served, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import {
  LogInDocument,
  LogInWithCodeDocument,
  RequestLoginCodeDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from "../operations/generated/graphql.ts";

let directory: string;
let port: number;
let blocks: readonly string[];
let script: string;
let environment: Record<string, string>;
let server: Served;

/** One after the other, in the directory of a suite. */
const run = async (commands: string): Promise<string> => {
  const shell = spawn(
    "sh",
    ["-ec", commands.replaceAll("npx graphward", `"${process.execPath}" "${program}"`)],
    {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [status] = await once(shell, "close");
  expect([commands, status]).toEqual([commands, 0]);
  return output;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-suite-"));
  await chmod(directory, 0o711);
  port = await findFreePort();
  const page = await readFile(join(import.meta.dirname, "../../docs/testing.md"), "utf8");
  const blocksOf = (language: string) =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, "gs"))].map(([, text = ""]) => text);
  blocks = blocksOf("sh");
  [script = ""] = blocksOf("js");
  environment = {};
  for (const [, name = "", value = ""] of (blocks[1] ?? "").matchAll(/([A-Z_]+)=(\S+)/g))
    environment[name] = value;
  Object.assign(environment, { PORT: String(port), LOGIN_CODES: "on" });
  server = await serve(port, { directory, environment });
});
afterAll(async () => {
  await server.stop("SIGTERM");
  await rm(directory, { recursive: true, force: true });
});

const password = "correct horse battery staple";
const client = () => new Client({ url: `http://127.0.0.1:${port}/graphql` });

test("the schema is printed whole, without a server and a database", async () => {
  await run(blocks[0] ?? "");
  const schema = buildSchema(await readFile(join(directory, "schema.graphql"), "utf8"));
  expect(schema.getMutationType()?.getFields()).toHaveProperty("deactivateUser");
});

test("the page starts a server as this test does, with every limit raised", async () => {
  expect(blocks[1]?.split("\n").at(-1)).toBe("npx graphward start &");
  const { defaultRateLimits } = await import("../../src/config/rate-limits.ts");
  const raised = (environment.RATE_LIMITS ?? "").split(",").map((part) => part.split("=")[0]);
  expect(raised).toEqual(Object.keys(defaultRateLimits));
});

test("a user of the command logs in more often than any suite, also at the same moment", async () => {
  note("password", password);
  const created = JSON.parse(await run(blocks[2] ?? ""));
  expect(created).toMatchObject({ username: "e2e-alice" });
  const logIn = async () => (await client().run(LogInDocument, { username: "e2e-alice", password })).codes;
  for (let round = 1; round <= 20; round += 1)
    expect(await Promise.all([logIn(), logIn()])).toEqual([[], []]);
});

test("the link of a mail is found in the outbox, and its token is taken", async () => {
  const email = "e2e-alice@example.com";
  expect((await client().run(RequestPasswordResetDocument, { email })).codes).toEqual([]);
  await writeFile(join(directory, "newest-link.mjs"), script);
  await until(() => existsSync(join(directory, "test-data/outbox")));
  const link = await until(() => run(blocks[3] ?? ""));
  const token = /#token=(\w+)\n$/.exec(link)?.[1] ?? "";
  note("password", token);
  const newPassword = "another passphrase of tests";
  expect((await client().run(ResetPasswordDocument, { token, newPassword })).codes).toEqual([]);
  expect((await client().run(LogInDocument, { username: "e2e-alice", password: newPassword })).codes).toEqual(
    [],
  );
});

test("the link of a login has its pending token and its code", async () => {
  const email = "e2e-alice@example.com";
  const app = client();
  expect((await app.run(RequestLoginCodeDocument, { email })).codes).toEqual([]);
  await writeFile(join(directory, "newest-link.mjs"), script);
  const link = await until(async () => /#token=(\w+)&code=([\w-]+)\n$/.exec(await run(blocks[3] ?? "")));
  const [, pendingToken = "", code = ""] = link;
  note("token", pendingToken);
  note("second factor", code);
  const login = await app.run(LogInWithCodeDocument, { pendingToken, code, mode: "TOKEN" });
  expect(login.data?.loginWithCode?.token).toMatch(/^gws_/);
});
