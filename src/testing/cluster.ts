// Vitest's global setup: one PostgreSQL for the whole run, with one template database made by the real migrations.
import "reflect-metadata";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { builtInRoute, type Connection } from "../database/connecting/connection.ts";
import { joinEmbeddedPostgres } from "../database/embedded/join.ts";
import { migrate } from "../database/migrating/migrate.ts";
import { runAsAdmin } from "./admin.ts";

declare module "vitest" {
  interface ProvidedContext {
    graphwardCluster: Connection;
    graphwardPostgresLog: string;
  }
}

export const templateDatabase = "template_of_tests";

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const dataDir = await mkdtemp(join(tmpdir(), "graphward-test-"));
  // Only here may the superuser log in: tests need roles with few rights.
  const accessRules = join(dataDir, "pg_hba.conf");
  await writeFile(accessRules, "local all postgres trust\nlocal all all scram-sha-256\n");
  await chmod(accessRules, 0o644);
  const embedded = await joinEmbeddedPostgres({
    dataDir,
    settings: {
      hba_file: accessRules,
      // The tests' data may be lost in a crash of the machine, so no write is waited for.
      fsync: "off",
      full_page_writes: "off",
      synchronous_commit: "off",
      max_connections: "300",
      // Logs the SQL text of writes without bound values, so that a value inside the text is found in the
      // log. Logging reads too would add a sixth to the time of all tests.
      log_statement: "mod",
      log_parameter_max_length: "0",
      log_line_prefix: "%m [%p] %d ",
    },
  });

  await runAsAdmin(embedded.connection, async (run) => {
    await run(`create database ${templateDatabase}`);
  });
  await migrate(builtInRoute({ ...embedded.connection, database: templateDatabase }), {
    schema: "graphward",
  });

  project.provide("graphwardCluster", embedded.connection);
  project.provide("graphwardPostgresLog", embedded.logFile);
  return async () => {
    await embedded.leave();
    await rm(dataDir, { recursive: true, force: true });
  };
};
