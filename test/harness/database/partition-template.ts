// Vitest's global setup, after that of the cluster: with PARTITIONED=1, every test runs on partitioned tables.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { templateDatabase } from "../../../src/testing/cluster.ts";

const script = join(import.meta.dirname, "../../../deploy/postgresql/partitions.sql");

export default async (project: TestProject): Promise<void> => {
  if (process.env.PARTITIONED === undefined) return;
  const { host, port, user, password } = project.getProvidedContext().graphwardCluster;
  const client = new pg.Client({ host, port, user, password, database: templateDatabase });
  await client.connect();
  await client.query(await readFile(script, "utf8"));
  await client.query("select graphward_partitions.maintain()");
  await client.end();
};
