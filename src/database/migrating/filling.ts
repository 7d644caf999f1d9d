// Rows of a backup that come into the tables in the transaction of the migrations: all of it is there, or nothing.
import type { Transaction } from "@mikro-orm/core";
import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";
import { Client } from "../connecting/client.ts";
import { patientOptions, type Route } from "../connecting/connection.ts";
import { poolOf } from "../connecting/one-client.ts";
import { OwnSchemaDialect } from "../own-schema.ts";
import type { Database, Tables } from "../tables.ts";
import { findRecorded, type Migrating } from "./earlier-version.ts";

export interface Filling {
  /** Those that the tables of the backup had. */
  readonly migrations: { readonly own: readonly string[]; readonly application: readonly string[] };
  /** On the connection of the transaction, before anything is created. Throws for a database that holds data. */
  requireEmpty(database: Database): Promise<void>;
  /** Called when the tables are as they were in the backup. */
  fill(connection: FillingConnection): Promise<void>;
  /** Called after the last migration. */
  finish(database: Database): Promise<void>;
}

export interface FillingConnection {
  /** For COPY. */
  readonly client: pg.Client;
  readonly database: Database;
}

/** On a connection of our own: COPY needs the driver, and MikroORM gives its client to nobody. */
export async function inTransactionOf<Value>(
  {
    target,
    applicationName,
    schema,
  }: { readonly target: Route; readonly applicationName: string; readonly schema: string },
  run: (transaction: Transaction<Migrating>, connection: FillingConnection) => Promise<Value>,
): Promise<Value> {
  const client = new Client(patientOptions(target, applicationName));
  await client.connect();
  try {
    const kysely = new Kysely({ dialect: new PostgresDialect({ pool: poolOf(client) }) });
    const transaction = await kysely
      .startTransaction()
      .setIsolationLevel("read committed")
      .setAccessMode("read write")
      .execute();
    const database = new Kysely<Tables>({ dialect: new OwnSchemaDialect({ pool: poolOf(client) }, schema) });
    const value = await run(transaction as unknown as Transaction<Migrating>, { client, database });
    await transaction.commit().execute();
    return value;
  } finally {
    // Without a commit, PostgreSQL rolls back.
    await client.end();
  }
}

/** Migrations cannot be undone: the tables must be as old as the backup, or older. */
export async function requireFillable(
  transaction: Migrating,
  {
    schema,
    earlier,
    filling,
  }: { readonly schema: string; readonly earlier: string | null; readonly filling: Filling },
): Promise<void> {
  if (earlier !== null)
    throw new Error(
      `The schema ${earlier} has the tables of an earlier version of Graphward: restore into an empty database.`,
    );
  const recorded = (await findRecorded(transaction, schema)) ?? [];
  const later = recorded.filter((name) => !filling.migrations.own.includes(name));
  if (later.length > 0)
    throw new Error(
      `The tables are newer than the backup (${later[0]}): restore into an empty database, which is migrated behind the backup.`,
    );
}
