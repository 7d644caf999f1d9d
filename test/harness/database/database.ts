// A separate database for each app under test, copied from the template.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { readConfig } from "../../../src/config/config.ts";
import { builtInRoute, type Route } from "../../../src/database/connecting/connection.ts";
import { openDatabase } from "../../../src/database/open.ts";
import type { Database } from "../../../src/database/tables.ts";
import { watchDatabase } from "../logs/logs.ts";
import { templateDatabase } from "./database-cluster.ts";

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

export const createDatabase = async ({ empty = false } = {}): Promise<TestDatabase> => {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  // Copies the template's files; by default, PostgreSQL writes each page to the WAL first.
  await asAdmin(
    `create database ${name} template ${empty ? "template0" : templateDatabase} strategy file_copy`,
  );
  watchDatabase(name);
  const { host, port, user, password } = inject("cluster");
  // In a URL, the socket directory is a query parameter.
  const url = `postgres://${user}:${encodeURIComponent(password)}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`;
  return { url, name, drop: () => dropDatabase(name) };
};

/**
 * The same database through a connection that finds no table by its search path: a statement of ours that does not name its schema
 * fails. The role's own search path leads the statements of tests to the schema `graphward`, which is called like the role.
 */
export const withoutSearchPath = (url: string): string => {
  if (!/^postgres(ql)?:/.test(url) || url.includes("options=")) return url;
  return `${url}${url.includes("?") ? "&" : "?"}options=${encodeURIComponent("-c search_path=nowhere")}`;
};

/** For the functions that no setting leads to. */
export const routeTo = (url: string): Route => ({
  ...builtInRoute(inject("cluster")),
  ...readConfig({ DATABASE_URL: url }).connection,
});

const dropDatabase = (name: string): Promise<void> =>
  asAdmin(`drop database ${name} with (force)`).catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError) || error.code !== insufficientPrivilege) throw error;
    // An autovacuum worker is connected, which only a superuser may terminate. Without FORCE, PostgreSQL
    // stops it by itself.
    return asAdmin(`drop database ${name}`);
  });

const insufficientPrivilege = "42501";

const asAdmin = async (statement: string): Promise<void> => {
  const admin = new pg.Client(inject("cluster"));
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
};

export interface DatabaseAlone {
  readonly database: Database;
  readonly config: { readonly databaseUrl: string };
  close(): Promise<void>;
}

/**
 * Without a server, whose jobs would seal, send and prune the rows under test. With `url`: a second pool on
 * that database.
 */
export const openDatabaseAlone = async (url?: string): Promise<DatabaseAlone> => {
  const copy = url === undefined ? await createDatabase() : null;
  const databaseUrl = url ?? copy?.url ?? "";
  const { database, close } = await openDatabase(readConfig({ DATABASE_URL: databaseUrl }));
  return {
    database,
    config: { databaseUrl },
    close: async () => {
      await close();
      await copy?.drop();
    },
  };
};
