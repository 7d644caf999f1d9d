// Makes the database cluster: once, whole or not at all, with one role that is no superuser.

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
      `The database in ${cluster} was made by PostgreSQL ${version.trim()}, and the built-in one is ` +
        `${binaries.majorVersion}: dump it with the old one and restore it, or set DATABASE_URL.`,
    );
  }
  await writeAccessRules(home);
  await removeUnfinished(home);
};

export const readPassword = (home: Home): Promise<string> => readFile(passwordFileOf(home), "utf8");

const makeCluster = async (home: Home, binaries: Binaries, cluster: string): Promise<void> => {
  // Under another name until it is whole: a cluster whose making was killed half-way must not be taken for one. Under
  // a new name each time: the initdb of a killed process may still be writing.
  const unfinished = await mkdtemp(join(home.path, unfinishedPrefix));
  if (home.account) await chown(unfinished, home.account.uid, home.account.gid);
  // The built-in locale is the same on every machine, also on those that have no locales.
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = ["--username=postgres", "--auth=reject"];
  await run(home, binaries.initdb, ["-D", unfinished, ...locale, ...access, "--no-instructions"]);
  await makeRole(home, binaries, unfinished);
  await rename(unfinished, cluster);
};

// An SQL injection as a superuser runs programs on this machine (COPY ... TO PROGRAM): nobody can log in as the
// superuser, and the role of the server may do no more than make databases, which the tests need.
const makeRole = async (home: Home, binaries: Binaries, cluster: string): Promise<void> => {
  const password = randomBytes(32).toString("base64url");
  await writeFile(passwordFileOf(home), password, { mode: 0o600 });
  await giveToKeeper(home, passwordFileOf(home));
  const statements = [
    `CREATE ROLE ${roleName} LOGIN CREATEDB PASSWORD '${password}';`,
    `CREATE DATABASE ${databaseName} OWNER ${roleName};`,
  ];
  const settings = asArguments({ ...quietLog, exit_on_error: "on" });
  // Over stdin, because any user can read the arguments of a process; with -j an empty line ends a statement.
  const input = statements.map((statement) => `${statement}\n\n`).join("");
  await run(home, binaries.postgres, ["--single", "-j", "-D", cluster, ...settings, "postgres"], input);
};

// Other local users are kept out by the socket's directory; the password stands behind it.
const writeAccessRules = async (home: Home): Promise<void> => {
  const rule =
    process.platform === "win32"
      ? `host all ${roleName} 127.0.0.1/32 scram-sha-256`
      : `local all ${roleName} scram-sha-256`;
  const file = join(home.path, "pg_hba.conf");
  await writeFile(file, `${rule}\n`);
  // Postgres's account must be able to read it whatever the umask is, and there is nothing secret in it.
  await chmod(file, 0o644);
  await giveToKeeper(home, file);
};

const removeUnfinished = async (home: Home): Promise<void> => {
  const names = (await readdir(home.path)).filter((name) => name.startsWith(unfinishedPrefix));
  for (const name of names) {
    // What is still being written fails to go now, and goes at a later start.
    await rm(join(home.path, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

const unfinishedPrefix = "unfinished-cluster-";

const passwordFileOf = (home: Home): string => join(home.path, "password");
