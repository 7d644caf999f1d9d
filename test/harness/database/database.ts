// A separate database for each app under test, copied from the template.
import { inject } from "vitest";
import { readConfig } from "../../../src/config/config.ts";
import { builtInRoute, type Route } from "../../../src/database/connecting/connection.ts";
import { openDatabase } from "../../../src/database/open.ts";
import type { Database } from "../../../src/database/tables.ts";
import {
  createDatabase as create,
  type DatabaseContents,
  type TestDatabase,
} from "../../../src/testing/databases.ts";
import { watchDatabase } from "../logs/logs.ts";

export type { TestDatabase };

export const createDatabase = async (contents: DatabaseContents = {}): Promise<TestDatabase> => {
  const database = await create(contents);
  watchDatabase(database.name);
  return database;
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
  ...builtInRoute(inject("graphwardCluster")),
  ...readConfig({ DATABASE_URL: url }).connection,
});

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
