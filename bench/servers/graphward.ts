// Starts Graphward with all features on: the built program, its own database, and a user created by its own command.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { seconds } from "../../src/time.ts";
import type { Cleanup } from "../cleanup.ts";
import { type Account, type Credentials, logIn, makeAccount } from "./login.ts";
import { plainEnvironment } from "./node-process.ts";
import { makeDirectory, type Server, startServer } from "./server.ts";

export interface Graphward extends Server {
  /** The data directory. */
  readonly directory: string;
}

const project = join(import.meta.dirname, "../..");
const command = join(project, "bin/graphward.js");

export const requireBuild = (): void => {
  if (!existsSync(join(project, "dist/cli/main.js")))
    throw new Error("Graphward is not built: npm run build");
};

interface Options {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Servers with the same directory share one database, which is a child of the first server. */
export const startGraphward = async (
  cleanup: Cleanup,
  core: number | null,
  { directory = makeDirectory(cleanup), environment = {} }: Options = {},
): Promise<Graphward> => {
  const server = await startServer(cleanup, {
    core,
    // The command line that the documentation recommends.
    command: ["--max-semi-space-size=8", command, "start"],
    directory,
    environment: { ...environmentOf(directory), ...environment },
    // A killed server leaves its database running. Any command joins it, and the last member to leave stops it.
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

/** Creates a user and logs in. */
export const logInFirst = (server: Graphward): Promise<Credentials> => logIn(server, createAccount(server));

/** The directory is its data directory, and the one of its application. */
export const runGraphward = (directory: string, words: readonly string[], input = ""): void => {
  const { status, stderr } = spawnSync(process.execPath, [command, ...words], {
    cwd: directory,
    env: environmentOf(directory),
    input,
    encoding: "utf8",
    timeout: seconds(60),
  });
  if (status !== 0) throw new Error(`graphward ${words.join(" ")} failed:\n${stderr}`);
};

/** A benchmark comes from one IP, and sends more requests than the limits allow. */
const withoutLimits = "login.account=1000000/1s,login.ip=1000000/1s,secret.ip=1000000/1s";

const environmentOf = (directory: string): NodeJS.ProcessEnv => ({
  RATE_LIMITS: withoutLimits,
  ...plainEnvironment(),
  DATA_DIR: directory,
  HOST: "127.0.0.1",
  LOG_LEVEL: "info",
});
