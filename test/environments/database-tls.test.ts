import { execFileSync } from "node:child_process";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { type EmbeddedDatabase, joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";
import { openDatabase } from "../../src/database/open.ts";
import { production } from "../harness/configuration.ts";
import { graphward } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import { type Authority, createAuthority, onOneLine } from "./certificates.ts";
import { startPgBouncer } from "./pgbouncer.ts";

interface Server {
  urlOf(host: string, query?: string, database?: string): string;
  stop(): Promise<void>;
}

let directory: string;
let authority: Authority;
let stranger: Authority;
let named: Server;
let numbered: Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-tls-"));
  await chmod(directory, 0o755);
  authority = await createAuthority(directory, "authority");
  stranger = await createAuthority(directory, "stranger");
  named = await startServer("named", "DNS:localhost");
  numbered = await startServer("numbered", "IP:127.0.0.1");
});
afterAll(async () => {
  await named.stop();
  await numbered.stop();
  await rm(directory, { recursive: true, force: true });
});

/** PostgreSQL that other machines reach by TLS only, and whose database `postgres` asks for a client's certificate. */
const startServer = async (name: string, names: string): Promise<Server> => {
  const { certificate, key } = await authority.issue(name, names);
  const rules = join(directory, `${name}-hba.conf`);
  await writeFile(
    rules,
    `local all all scram-sha-256
     hostssl postgres all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
     hostssl all all 127.0.0.1/32 scram-sha-256\n`,
  );
  for (const path of [certificate, key, rules, authority.certificate]) await giveToPostgres(path);
  const port = await findFreePort();
  const dataDir = join(directory, name);
  const postgres: EmbeddedDatabase = await joinEmbeddedPostgres({
    dataDir,
    settings: {
      port: String(port),
      listen_addresses: "127.0.0.1",
      hba_file: rules,
      ssl: "on",
      ssl_cert_file: certificate,
      ssl_key_file: key,
      ssl_ca_file: authority.certificate,
    },
  });
  const { user, password, database: own } = postgres.connection;
  return {
    urlOf: (host, query = "sslmode=verify-full", database = own) =>
      `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}?${query}`,
    stop: () => postgres.leave(),
  };
};

/** PostgreSQL of a root is run by nobody. */
const giveToPostgres = async (path: string): Promise<void> => {
  await chmod(path, path.endsWith(".key") ? 0o600 : 0o644);
  if (process.getuid?.() !== 0) return;
  const [uid, gid] = ["-u", "-g"].map((option) => Number(execFileSync("id", [option, "nobody"])));
  await chown(path, uid ?? 0, gid ?? 0);
};

/** Null when it connects. */
const refusalOf = async (
  DATABASE_URL: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<string | null> => {
  const config = readConfig({ DATABASE_CA: authority.certificate, ...environment, DATABASE_URL });
  try {
    await (await openDatabase(config)).close();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

describe("the certificate of the database", () => {
  test("is checked for the address when the URL has an address, and for the name when it has a name", async () => {
    expect(await refusalOf(numbered.urlOf("127.0.0.1"))).toBeNull();
    expect(await refusalOf(named.urlOf("localhost"))).toBeNull();
    const advice =
      /^The database at [^\n]* refuses the connection: [^\n]*\. Write a host name of the certificate in the URL$/;
    expect(await refusalOf(named.urlOf("127.0.0.1"))).toMatch(advice);
    expect(await refusalOf(numbered.urlOf("localhost"))).toMatch(advice);
  });

  test("of a private authority needs DATABASE_CA, as a file or as text", async () => {
    for (const mode of ["require", "prefer", "verify-full"]) {
      const url = named.urlOf("localhost", `sslmode=${mode}`);
      expect(await refusalOf(url, { DATABASE_CA: "" })).toMatch(
        /^[^\n]*\. Set DATABASE_CA to the certificate of its authority$/,
      );
      expect(await refusalOf(url)).toBeNull();
    }
    const url = named.urlOf("localhost");
    expect(await refusalOf(url, { DATABASE_CA: await onOneLine(authority.certificate) })).toBeNull();
    const inUrl = named.urlOf("localhost", `sslmode=verify-full&sslrootcert=${authority.certificate}`);
    expect(await refusalOf(inUrl, { DATABASE_CA: "" })).toBeNull();
  });

  test("of another authority is refused, also with NODE_TLS_REJECT_UNAUTHORIZED=0", async () => {
    const environment = { DATABASE_URL: named.urlOf("localhost"), DATABASE_CA: stranger.certificate };
    for (const NODE_TLS_REJECT_UNAUTHORIZED of ["", "0"]) {
      const { status, stderr } = await graphward(["user", "list"], {
        environment: { ...environment, NODE_TLS_REJECT_UNAUTHORIZED },
      });
      expect([status, stderr]).toEqual([1, expect.stringMatching(/Set DATABASE_CA to the certificate/)]);
    }
  });

  test("is checked for its authority alone by verify-ca, and not at all by no-verify", async () => {
    expect(await refusalOf(named.urlOf("127.0.0.1", "sslmode=verify-ca"))).toBeNull();
    const other = { DATABASE_CA: stranger.certificate };
    expect(await refusalOf(named.urlOf("127.0.0.1", "sslmode=verify-ca"), other)).toMatch(/Set DATABASE_CA/);
    expect(await refusalOf(named.urlOf("127.0.0.1", "sslmode=no-verify"), { DATABASE_CA: "" })).toBeNull();
  });

  test("can be bound to the login, and TLS can begin without a request", async () => {
    expect(await refusalOf(named.urlOf("localhost", "sslmode=require&channel_binding=require"))).toBeNull();
    expect(await refusalOf(named.urlOf("localhost", "sslmode=require&sslnegotiation=direct"))).toBeNull();
  });

  test("that cannot be verified fails graphward check", async () => {
    const check = (DATABASE_URL: string, DATABASE_CA = authority.certificate) =>
      graphward(["check"], { environment: { ...production, DATABASE_URL, DATABASE_CA } });
    const refused = await check(named.urlOf("127.0.0.1"));
    expect([refused.status, refused.stdout]).toEqual([
      1,
      expect.stringMatching(/^error {3}DATABASE_URL: cannot be verified: [^\n]*$/m),
    ]);
    expect((await check(named.urlOf("localhost"), stranger.certificate)).status).toBe(1);
    expect((await check(named.urlOf("localhost"))).stdout).not.toContain("cannot be verified");
  });

  test("DATABASE_CA that nothing would be checked with is refused", async () => {
    await expect(refusalOf(named.urlOf("localhost", "sslmode=disable"))).rejects.toThrow(
      "DATABASE_CA: is set, but DATABASE_URL does not check the certificate; write ?sslmode=verify-full",
    );
    await expect(
      refusalOf(named.urlOf("localhost", `sslmode=verify-full&sslrootcert=${stranger.certificate}`)),
    ).rejects.toThrow("DATABASE_CA: is set, and DATABASE_URL has sslrootcert too; remove one of them");
  });
});

test("a certificate of ours is sent to a database that asks for one", async () => {
  const { certificate, key } = await authority.issue("client", "DNS:client");
  const own = `sslmode=verify-full&sslcert=${certificate}&sslkey=${key}`;
  expect(await refusalOf(named.urlOf("localhost", own, "postgres"))).toBeNull();
  expect(await refusalOf(named.urlOf("localhost", "sslmode=verify-full", "postgres"))).toMatch(/certificate/);
});

test("a variable that asked for TLS, which the server has not, is named", async () => {
  const pooler = await startPgBouncer("pool_mode = session");
  const environment = { DATABASE_CA: "", PGSSLMODE: "require" };
  expect(await refusalOf(pooler.urlOf(inject("graphwardCluster").database), environment)).toMatch(
    /^The database at [^\n]* \(with PGSSLMODE of the environment\) refuses the connection: The server does not support SSL connections\. Ask for no encryption with sslmode=disable, or turn it on in PostgreSQL$/,
  );
  await pooler.stop();
});
