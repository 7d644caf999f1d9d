// Graphward with everything on: as it is built, on its own database, with an account made by its own command.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { seconds } from "../src/time.ts";
import type { Cleanup } from "./cleanup.ts";
import { plainEnvironment } from "./node-process.ts";
import { makeDirectory, type Server, startServer } from "./server.ts";

export interface Graphward extends Server {
  /** Both credentials of one session, each as the text of its request header. */
  logIn(): Promise<{ readonly token: string; readonly cookie: string }>;
}

const project = join(import.meta.dirname, "..");
const command = join(project, "bin/graphward.js");

export const requireBuild = (): void => {
  if (!existsSync(join(project, "dist/cli/main.js")))
    throw new Error("Graphward is not built: npm run build");
};

export const startGraphward = async (cleanup: Cleanup, core: number | null): Promise<Graphward> => {
  const directory = makeDirectory(cleanup);
  const environment = {
    ...plainEnvironment(),
    DATA_DIR: directory,
    HOST: "127.0.0.1",
    LOG_LEVEL: "info",
  };
  const run = (words: readonly string[], input = ""): void => {
    const options = {
      cwd: directory,
      env: environment,
      input,
      encoding: "utf8",
      timeout: seconds(60),
    } as const;
    const { status, stderr } = spawnSync(process.execPath, [command, ...words], options);
    if (status !== 0) throw new Error(`graphward ${words.join(" ")} failed:\n${stderr}`);
  };
  const server = await startServer(cleanup, {
    core,
    command: [command, "start"],
    directory,
    environment,
    // A server that was killed leaves its database behind. Any command joins that, and the last to leave stops it.
    afterwards: (isOrderly) => (isOrderly ? undefined : run(["prune"])),
  });

  const account = { username: "alice", password: randomBytes(24).toString("base64url") };
  run(["user", "create", "--username", account.username, "--password-stdin"], account.password);
  return { ...server, logIn: () => logIn(server, account) };
};

interface LoginAnswer {
  readonly data?: { readonly login: { readonly token: string } | null };
}

const logIn = async (
  { url }: Server,
  variables: { readonly username: string; readonly password: string },
) => {
  const query =
    "mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { token } }";
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const token = response.ok ? (JSON.parse(text) as LoginAnswer).data?.login?.token : undefined;
  const [cookie] = response.headers.getSetCookie().map((line) => line.split(";", 1)[0]);
  if (!token || !cookie) throw new Error(`The login failed with status ${response.status}: ${text}`);
  return { token: `Bearer ${token}`, cookie };
};
