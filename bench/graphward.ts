// Graphward with everything on: as it is built, on its own database, with an account made by its own command.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { seconds } from "../src/time.ts";
import type { Cleanup } from "./cleanup.ts";
import { type Account, type Credentials, logIn, makeAccount } from "./login.ts";
import { plainEnvironment } from "./node-process.ts";
import { makeDirectory, type Server, startServer } from "./server.ts";

export interface Graphward extends Server {
  /** Where its database is. */
  readonly directory: string;
}

const project = join(import.meta.dirname, "..");
const command = join(project, "bin/graphward.js");

export const requireBuild = (): void => {
  if (!existsSync(join(project, "dist/cli/main.js")))
    throw new Error("Graphward is not built: npm run build");
};

interface Options {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Servers of one directory share one database, which is the child of the first. */
export const startGraphward = async (
  cleanup: Cleanup,
  core: number | null,
  { directory = makeDirectory(cleanup), environment = {} }: Options = {},
): Promise<Graphward> => {
  const server = await startServer(cleanup, {
    core,
    // As operators are told to start it.
    command: ["--max-semi-space-size=8", command, "start"],
    directory,
    environment: { ...environmentOf(directory), ...environment },
    // A server that was killed leaves its database behind. Any command joins that, and the last to leave stops it.
    afterwards: (isOrderly) => (isOrderly ? undefined : runGraphward(directory, ["prune"])),
  });
  return { ...server, directory };
};

export const createAccount = ({ directory }: Graphward): Account => {
  const account = makeAccount();
  const words = ["user", "create", "--username", account.username, "--password-stdin"];
  runGraphward(directory, words, account.password);
  return account;
};

/** Of an account that it makes. */
export const logInFirst = (server: Graphward): Promise<Credentials> => logIn(server, createAccount(server));

const runGraphward = (directory: string, words: readonly string[], input = ""): void => {
  const { status, stderr } = spawnSync(process.execPath, [command, ...words], {
    cwd: directory,
    env: environmentOf(directory),
    input,
    encoding: "utf8",
    timeout: seconds(60),
  });
  if (status !== 0) throw new Error(`graphward ${words.join(" ")} failed:\n${stderr}`);
};

/** A benchmark comes from one address, and asks for more than an address may. */
const withoutLimits = "login.account=1000000/1s,login.ip=1000000/1s";

const environmentOf = (directory: string): NodeJS.ProcessEnv => ({
  RATE_LIMITS: withoutLimits,
  ...plainEnvironment(),
  DATA_DIR: directory,
  HOST: "127.0.0.1",
  LOG_LEVEL: "info",
});
