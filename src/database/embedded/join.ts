// Joins the PostgreSQL of a data directory: the first member starts it, the last member stops it.

import { seconds } from "../../time.ts";
import { requireBinaries } from "./binaries.ts";
import { databaseName, ensureCluster, readPassword, roleName } from "./cluster.ts";
import { type Home, requireHome } from "./home.ts";
import { acquireLock } from "./lock.ts";
import { addMember, hasMembers } from "./members.ts";
import { writePassfile } from "./passfile.ts";
import { type Address, clusterOf, findServer, logFileOf, stopServer } from "./server.ts";
import { startServer } from "./start.ts";

export interface EmbeddedDatabase {
  /** For a pg client. `host` is the socket directory, or 127.0.0.1 where sockets do not exist. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** The directory of the cluster, for messages. */
  readonly location: string;
  /** PostgreSQL's own log file. */
  readonly logFile: string;
  /** Writes the password in a file for psql, and returns its path. */
  writePassfile(): Promise<string>;
  /** Leaves; the last member stops PostgreSQL. Idempotent. */
  leave(): Promise<void>;
}

interface Options {
  readonly dataDir: string;
  /** PostgreSQL settings, used only when this call starts it. */
  readonly settings?: Record<string, string>;
}

export const joinEmbeddedPostgres = async ({
  dataDir,
  settings = {},
}: Options): Promise<EmbeddedDatabase> => {
  const home = await requireHome(dataDir);
  const release = await requireLock(home);
  try {
    const server = (await findServer(home)) ?? (await setUpAndStart(home, settings));
    const password = await readPassword(home);
    const removeMember = await addMember(home);
    return {
      connection: { ...server, user: roleName, password, database: databaseName },
      location: clusterOf(home),
      logFile: logFileOf(home),
      writePassfile: () => writePassfile(home),
      leave: once(() => leave(home, removeMember)),
    };
  } finally {
    await release();
  }
};

const setUpAndStart = async (home: Home, settings: Record<string, string>): Promise<Address> => {
  const binaries = await requireBinaries(home);
  await ensureCluster(home, binaries);
  return startServer(home, binaries, settings);
};

const leave = async (home: Home, removeMember: () => Promise<void>): Promise<void> => {
  await removeMember();
  const release = await acquireLock(home, seconds(10));
  // The lock holder either joins and keeps the database, or leaves and stops it. Our member record is removed
  // already, so returning now is safe, and a signal handler must not wait for a slow start.
  if (!release) return;
  try {
    if (!(await hasMembers(home))) await stopServer(home);
  } finally {
    await release();
  }
};

const requireLock = async (home: Home): Promise<() => Promise<void>> => {
  const release = await acquireLock(home, seconds(90));
  if (release) return release;
  throw new Error(`Another process is still starting or stopping the database in ${home.path}; try again.`);
};

const once = <Result>(work: () => Promise<Result>): (() => Promise<Result>) => {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
};
