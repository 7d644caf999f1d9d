// Creates the database cluster once and atomically, with one role that is not a superuser.

import { randomBytes } from "node:crypto";
import { chmod, chown, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { run } from "./child.ts";
import { giveToKeeper, type Home } from "./home.ts";
import { asArguments, quietLog } from "./settings.ts";

export const roleName = "graphward";
export const databaseName = "graphward";

export const ensureCluster = async (home: Home, binaries: Binaries): Promise<void> => {
  const cluster = join(home.path, "cluster");
  const version = await readFile(join(cluster, "PG_VERSION"), "utf8").catch(() => null);
  if (version === null) await makeCluster(home, binaries, cluster);
  else if (version.trim() !== binaries.majorVersion) {
    throw new Error(
      `The database in ${cluster} was created by PostgreSQL ${version.trim()}, but the built-in version is ` +
        `${binaries.majorVersion}: dump it with the old version and restore it, or set DATABASE_URL.`,
    );
  }
  await writeAccessRules(home);
  await removeUnfinished(home);
};

export const readPassword = (home: Home): Promise<string> => readFile(passwordFileOf(home), "utf8");

const makeCluster = async (home: Home, binaries: Binaries, cluster: string): Promise<void> => {
  // A temporary name until it is complete: a cluster whose creation was killed must not be used. A new name
  // each time: the initdb of a killed process may still be writing.
  const unfinished = await mkdtemp(join(home.path, unfinishedPrefix));
  if (home.account) await chown(unfinished, home.account.uid, home.account.gid);
  // The built-in locale is the same on every machine, even on one without locales.
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = ["--username=postgres", "--auth=reject"];
  await run(home, binaries.initdb, ["-D", unfinished, ...locale, ...access, "--no-instructions"]);
  await makeRole(home, binaries, unfinished);
  await rename(unfinished, cluster);
};

// A superuser can run programs on this machine (COPY ... TO PROGRAM), so an SQL injection could too. The
// superuser cannot log in, and the server's role may only create databases, which the tests need.
const makeRole = async (home: Home, binaries: Binaries, cluster: string): Promise<void> => {
  const password = randomBytes(32).toString("base64url");
  await writeFile(passwordFileOf(home), password, { mode: 0o600 });
  await giveToKeeper(home, passwordFileOf(home));
  const statements = [
    `CREATE ROLE ${roleName} LOGIN CREATEDB PASSWORD '${password}';`,
    `CREATE DATABASE ${databaseName} OWNER ${roleName};`,
  ];
  // Iterations slow down who guesses a password that a person chose. Nobody guesses 32 random bytes, and every connection would pay.
  const settings = asArguments({ ...quietLog, exit_on_error: "on", scram_iterations: "1" });
  // Over stdin, because any user can read the arguments of a process. With -j, an empty line ends a statement.
  const input = statements.map((statement) => `${statement}\n\n`).join("");
  await run(home, binaries.postgres, ["--single", "-j", "-D", cluster, ...settings, "postgres"], input);
};

// The directory of the socket keeps other local users out; the password is the second barrier.
const writeAccessRules = async (home: Home): Promise<void> => {
  const rule =
    process.platform === "win32"
      ? `host all ${roleName} 127.0.0.1/32 scram-sha-256`
      : `local all ${roleName} scram-sha-256`;
  const file = join(home.path, "pg_hba.conf");
  await writeFile(file, `${rule}\n`);
  // PostgreSQL's user must be able to read it whatever the umask is; it holds no secret.
  await chmod(file, 0o644);
  await giveToKeeper(home, file);
};

const removeUnfinished = async (home: Home): Promise<void> => {
  const names = (await readdir(home.path)).filter((name) => name.startsWith(unfinishedPrefix));
  for (const name of names) {
    // A directory still being written cannot be removed now; a later start removes it.
    await rm(join(home.path, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

const unfinishedPrefix = "unfinished-cluster-";

const passwordFileOf = (home: Home): string => join(home.path, "password");
