// Brings the tables up to date, once, even when many servers start at the same moment.
import { randomBytes } from "node:crypto";
import { IsolationLevel, type Transaction } from "@mikro-orm/core";
import { sql } from "kysely";
import { noTables } from "../application-tables.ts";
import type { Route } from "../connecting/connection.ts";
import { migrationsTable } from "../migration-files.ts";
import { type ApplicationOfOrm, createOrm } from "../orm.ts";
import { jobSchemaOf, migrationLockOf } from "../own-schema.ts";
import { silentWaiting, type Waiting } from "../waiting.ts";
import { migrateApplication } from "./application.ts";
import { recordVersion, requireCompatible } from "./compatibility.ts";
import {
  findEarlierSchema,
  findRecorded,
  isEarlier,
  type Migrating,
  moveMail,
  moveTables,
} from "./earlier-version.ts";
import { type Filling, type FillingConnection, inTransactionOf, requireFillable } from "./filling.ts";
import { grantAgain, grantServing } from "./grants.ts";
import { migrateJobTables } from "./job-tables.ts";
import { watchMigration } from "./migration-watch.ts";
import { textOf } from "./statement-errors.ts";

export interface MigrationOptions {
  readonly schema: string;
  readonly application?: ApplicationOfOrm;
  /** The schema with the tables of an earlier version. The default schema finds it by itself. */
  readonly moveFrom?: string | null;
  /** A role that serves requests, and may not migrate. */
  readonly grantTo?: string | null;
  /** The rows of a backup. */
  readonly filling?: Filling | null;
}

const noApplication: ApplicationOfOrm = { tables: noTables, schema: "public" };

/** Only this one takes the tables of an earlier version unasked: another environment in the same database must not. */
const heir = "graphward";

/** Returns what was done. Waits while another server migrates, within the bound of `waiting`. */
export async function migrate(
  target: Route,
  options: MigrationOptions,
  waiting: Waiting = silentWaiting,
): Promise<string[]> {
  const applicationName = `graphward migrate ${randomBytes(4).toString("hex")}`;
  return watchMigration({ target, applicationName, waiting }, () =>
    migrateAs(target, applicationName, options),
  );
}

const migrateAs = async (
  target: Route,
  applicationName: string,
  { schema, application = noApplication, moveFrom = null, grantTo = null, filling = null }: MigrationOptions,
): Promise<string[]> => {
  // The option keeps MikroORM from creating its table on another connection, which would wait for our transaction.
  const orm = createOrm(target, {
    schema,
    patientAs: applicationName,
    migrations: { includeWildcardSchema: true },
  });
  try {
    // One transaction: all or nothing. Its lock, search path and timeouts end with it, also behind a transaction pooler.
    const run = async (
      transaction: Transaction<Migrating>,
      connection: FillingConnection | null = null,
    ): Promise<string[]> => {
      await lock(transaction, schema);
      const earlier = await requireEarlierSchema(transaction, { schema, moveFrom });
      await requireCompatible(transaction, earlier ?? schema);
      if (filling !== null && connection !== null) {
        await requireFillable(transaction, { schema, earlier, filling });
        await filling.requireEmpty(connection.database);
      }
      await requireRoom(transaction, schema);
      await createSchema(transaction, schema);
      // On a connection of its own, and committed first: a jobs table without jobs does no harm. Before our transaction names its
      // schema: PostgreSQL would go on believing that it is missing.
      const jobs = await migrateJobTables(target, { schema, applicationName });
      if (earlier !== null) await moveTables(transaction, earlier, schema);
      const recorded = await findRecorded(transaction, schema);
      if (recorded !== null && isEarlier(recorded)) await moveMail(transaction, schema);
      const inOurSchema = () => sql`set local search_path = ${sql.id(schema)}`.execute(transaction);
      await inOurSchema();
      if (filling !== null && connection !== null) {
        // The tables are those of the backup, then come the rows, and then the migrations since.
        await orm.migrator.up({ transaction, migrations: [...filling.migrations.own] });
        const { application: only } = filling.migrations;
        await migrateApplication(transaction, target, { schema, application }, only);
        await filling.fill(connection);
        await inOurSchema();
      }
      const done = await orm.migrator.up({ transaction });
      await recordVersion(transaction, schema);
      const ofApplication = await migrateApplication(transaction, target, { schema, application });
      if (connection !== null) await filling?.finish(connection.database);
      const granted = { schema, tables: ofApplication.tables };
      if (grantTo === null) await grantAgain(transaction, granted);
      else await grantServing(transaction, granted, grantTo);
      return [
        ...(earlier === null ? [] : [`from the schema ${earlier} to ${schema}`]),
        ...done.map(({ name }) => name),
        ...jobs,
        ...ofApplication.done,
      ];
    };
    if (filling !== null) return await inTransactionOf({ target, applicationName, schema }, run);
    return await orm.em
      .getConnection()
      .transactional((transaction) => run(transaction), { isolationLevel: IsolationLevel.READ_COMMITTED });
  } catch (error) {
    throw explain(error, schema);
  } finally {
    await orm.close();
  }
};

const lock = async (transaction: Migrating, schema: string): Promise<void> => {
  // A timeout of the role must not end the transaction while it waits for another server or for the jobs' tables.
  for (const timeout of ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"])
    await sql`set local ${sql.id(timeout)} = 0`.execute(transaction);
  await sql`select pg_advisory_xact_lock(hashtextextended(${migrationLockOf(schema)}, 0))`.execute(
    transaction,
  );
};

const requireEarlierSchema = async (
  transaction: Migrating,
  { schema, moveFrom }: { readonly schema: string; readonly moveFrom: string | null },
): Promise<string | null> => {
  if ((await findRecorded(transaction, schema)) !== null) {
    if (moveFrom === null) return null;
    throw new Error(`The schema ${schema} has tables of Graphward already: nothing can be moved into it.`);
  }
  if (moveFrom !== null) {
    if ((await findRecorded(transaction, moveFrom)) !== null) return moveFrom;
    throw new Error(`The schema ${moveFrom} has no tables of an earlier version of Graphward.`);
  }
  const earlier = await findEarlierSchema(transaction, schema);
  if (earlier === null || schema === heir) return earlier;
  throw new Error(
    `DATABASE_SCHEMA is ${schema}, but the schema ${earlier} has the tables of an earlier version of Graphward. If they belong to this server, run graphward migrate --move-from ${earlier}. If they belong to another one, start that one first.`,
  );
};

/** Before anything is created: a table of this name that is not ours would be taken for ours. */
const requireRoom = async (transaction: Migrating, schema: string): Promise<void> => {
  if ((await findRecorded(transaction, schema)) !== null) return;
  const { rows } = await sql<{ isReadable: boolean }>`
    select has_schema_privilege(relnamespace, 'usage') and has_table_privilege(pg_class.oid, 'select') as "isReadable"
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${schema} and relname = ${migrationsTable}`.execute(transaction);
  if (rows[0]?.isReadable === false) throw mayNotMigrate(`permission denied for schema ${schema}`);
  if (rows.length > 0) throw isTaken(schema, `relation "${migrationsTable}" is not Graphward's`);
};

const createSchema = async (transaction: Migrating, schema: string): Promise<void> => {
  const jobs = jobSchemaOf(schema);
  const { rows } = await sql<{ mayCreate: boolean; database: string; role: string; there: number }>`
    select has_database_privilege(current_database(), 'create') as "mayCreate",
      current_database() as database, current_user as role,
      (select count(*)::int from pg_catalog.pg_namespace where nspname in (${schema}, ${jobs})) as there`.execute(
    transaction,
  );
  const [{ mayCreate, database, role, there }] = rows as [(typeof rows)[number]];
  if (there === 2) return;
  // graphile-worker needs this right too, even for a schema that is there.
  if (!mayCreate)
    throw new Error(
      `The role ${role} may not create the schemas ${schema} and ${jobs}. An administrator of the database runs once: grant create on database ${quote(database)} to ${quote(role)}`,
    );
  await sql`create schema if not exists ${sql.id(schema)}`.execute(transaction);
};

const quote = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** PostgreSQL's texts for these two name objects, never values. */
const explain = (error: unknown, schema: string): unknown => {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === insufficientPrivilege) return mayNotMigrate(textOf(error));
  if (code === duplicateTable || code === duplicateFunction) return isTaken(schema, textOf(error));
  return error;
};

const mayNotMigrate = (reason: string) =>
  new Error(
    `The role of DATABASE_URL may not migrate (${reason}). Run graphward migrate as the owner of the tables; --grant-to gives another role the rights to serve.`,
  );

const isTaken = (schema: string, reason: string) =>
  new Error(
    `The schema ${schema} is used by another program (${reason}): set DATABASE_SCHEMA to another name.`,
  );

const [insufficientPrivilege, duplicateTable, duplicateFunction] = ["42501", "42P07", "42723"];
