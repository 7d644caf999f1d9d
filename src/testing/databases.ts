// A database of its own for each server under test, copied from a template.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type { ApplicationTables } from "../database/application-tables.ts";
import { runAsAdmin } from "./admin.ts";
import { templateDatabase } from "./cluster.ts";
import { findOrMakeTemplate } from "./templates.ts";

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

export interface DatabaseContents {
  /** Without any table. */
  readonly empty?: boolean;
  /** With its tables too. */
  readonly application?: ApplicationTables;
}

export async function createDatabase({
  empty = false,
  application,
}: DatabaseContents = {}): Promise<TestDatabase> {
  const cluster = inject("graphwardCluster");
  if (cluster === undefined)
    throw new Error(
      'Tests need a PostgreSQL, which the configuration of Vitest starts: import { graphward } from "graphward/vitest", and plugins: [graphward()].',
    );
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const template = empty
    ? "template0"
    : application?.migrations
      ? await findOrMakeTemplate(cluster, application.migrations)
      : templateDatabase;
  // Copies the template's files; by default, PostgreSQL writes each page to the WAL first.
  await runAsAdmin(cluster, (run) => run(`create database ${name} template ${template} strategy file_copy`));
  const { host, port, user, password } = cluster;
  // In a URL, the socket directory is a query parameter.
  const url = `postgres://${user}:${encodeURIComponent(password)}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`;
  return { url, name, drop: () => dropDatabase(name) };
}

const dropDatabase = async (name: string): Promise<void> => {
  const cluster = inject("graphwardCluster");
  try {
    await runAsAdmin(cluster, (run) => run(`drop database ${name} with (force)`));
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== insufficientPrivilege) throw error;
    // An autovacuum worker is connected, which only a superuser may terminate. Without FORCE, PostgreSQL
    // stops it by itself.
    await runAsAdmin(cluster, (run) => run(`drop database ${name}`));
  }
};

const insufficientPrivilege = "42501";
