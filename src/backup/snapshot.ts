// Writes a backup: every table as it was at one moment, in one transaction, whatever servers write meanwhile.
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Kysely, sql } from "kysely";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { poolOf } from "../database/connecting/one-client.ts";
import { destroyClient } from "../database/connecting/silence.ts";
import { findMigratedBy } from "../database/migrating/compatibility.ts";
import { findRecordedMigrations } from "../database/migration-files.ts";
import type { OpenDatabase } from "../database/open.ts";
import { jobSchemaOf, migrationLockOf, OwnSchemaDialect } from "../database/own-schema.ts";
import type { Database, Tables } from "../database/tables.ts";
import { kibibytes } from "../sizes.ts";
import { type ArchiveWriter, createArchiveWriter } from "./archive.ts";
import { findBackedUpTables, findSequences, identifier, keyOf, type Schemas } from "./catalog.ts";
import { copyState } from "./copy-state.ts";
import { fingerprintsOf, type Secrets } from "./fingerprints.ts";
import {
  type BackedUpTable,
  formatVersion,
  type Manifest,
  manifestPath,
  type Sums,
  sumsPath,
} from "./manifest.ts";

export interface BackupOptions {
  readonly secrets: Secrets;
  /** Tables to leave out, as `schema.name`. */
  readonly without: readonly string[];
  readonly hasApplication: boolean;
  /** Ends the backup at once. */
  readonly signal: AbortSignal;
}

export interface Written {
  readonly manifest: Manifest;
  readonly rows: number;
}

/** What the text of COPY is cut into: memory holds a few of them. */
const pieceSize = kibibytes(256);

export async function writeBackup(
  opened: OpenDatabase,
  write: (bytes: Buffer) => Promise<void>,
  options: BackupOptions,
): Promise<Written> {
  const client = opened.createPatientClient("graphward backup");
  await client.connect();
  const stop = () => destroyClient(client);
  options.signal.addEventListener("abort", stop);
  try {
    options.signal.throwIfAborted();
    const database = new Kysely<Tables>({
      dialect: new OwnSchemaDialect({ pool: poolOf(client) }, opened.schema),
    });
    // The session holds this lock, and takes it before the snapshot: rows that a migration rewrites would be missing in it. A migration waits for us.
    await sql`select pg_advisory_lock_shared(hashtextextended(${migrationLockOf(opened.schema)}, 0))`.execute(
      database,
    );
    const find = await prepare(opened, database, options);
    const before = await find();
    await sql`begin isolation level repeatable read, read only`.execute(database);
    await lockTables(database, before);
    await copyState(database);
    const manifest = await describe(opened, database, { ...options, tables: await find() });

    const archive = createArchiveWriter(write);
    await archive.add({ path: manifestPath, content: inJson(manifest) });
    const sums: Sums = {};
    for (const table of manifest.tables) {
      await showEveryRow(database, table);
      sums[table.folder] = await copyOut(client, archive, table);
    }
    await archive.add({ path: sumsPath, content: inJson(sums) });
    await archive.end();
    await sql`commit`.execute(database);
    return { manifest, rows: Object.values(sums).reduce((count, { rows }) => count + rows, 0) };
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    options.signal.removeEventListener("abort", stop);
    await client.end();
  }
}

const schemasOf = ({ schema, applicationSchema }: OpenDatabase): Schemas => ({
  own: schema,
  jobs: jobSchemaOf(schema),
  application: applicationSchema,
});

/** Returns how to find the tables, which may change before they are locked. */
const prepare = async (opened: OpenDatabase, database: Database, options: BackupOptions) => {
  const recorded = await findRecordedMigrations(database);
  if (recorded === null)
    throw new Error(`There is nothing to back up: the schema ${opened.schema} has no tables of Graphward.`);
  if (recorded.application.length > 0 && !options.hasApplication)
    throw new Error(
      "The database has tables of an application: run this command in the application's folder, or its backup would lack them.",
    );
  const others = await opened.findApplicationTables();
  return () => findBackedUpTables(database, schemasOf(opened), { ...options, others });
};

/** Before the snapshot is taken: a table that is emptied at the same moment is in it, or not begun. */
const lockTables = async (database: Database, tables: readonly BackedUpTable[]): Promise<void> => {
  for (const table of tables)
    await sql`lock table ${identifier(table)} in access share mode`
      .execute(database)
      .catch((error: Error) => {
        throw new Error(
          `${keyOf(table)} cannot be read (${error.message}). If it is another program's: --without ${keyOf(table)}`,
        );
      });
};

const describe = async (
  opened: OpenDatabase,
  database: Database,
  { secrets, tables }: Pick<BackupOptions, "secrets"> & { readonly tables: readonly BackedUpTable[] },
): Promise<Manifest> => {
  const schemas = schemasOf(opened);
  const migrations = await findRecordedMigrations(database);
  if (migrations === null) throw new Error("The tables disappeared.");
  const { rows } = await sql<{ postgres: string; made: Date }>`
    select current_setting('server_version') as postgres, now() as made`.execute(database);
  const [{ postgres, made }] = rows as [(typeof rows)[number]];
  return {
    format: formatVersion,
    version: await findMigratedBy(database, opened.schema),
    postgres,
    made: made.toISOString(),
    schemas: { ...schemas },
    migrations: { ...migrations, own: [...migrations.own], application: [...migrations.application] },
    fingerprints: fingerprintsOf(secrets),
    tables: [...tables],
    // Behind the snapshot, because sequences do not belong to it: they are never lower than its rows.
    sequences: [...(await findSequences(database, schemas, tables))],
  };
};

/** Rows that a policy hides would be missing in silence. For our own tables, the rights were asked for before. */
const showEveryRow = async (database: Database, { place }: BackedUpTable): Promise<void> => {
  const isOurs = place === "own" || place === "jobs";
  await sql`select set_config('row_security', ${isOurs ? "on" : "off"}, true)`.execute(database);
};

const compress = promisify(gzip);

const copyOut = async (
  client: pg.Client,
  archive: ArchiveWriter,
  table: BackedUpTable,
): Promise<Sums[string]> => {
  const columns = table.columns.map(quote).join(", ");
  // A query, because COPY alone reads no partitioned table. `only`: tables that inherit are read by themselves.
  const from = `${table.isPartitioned ? "" : "only "}${quote(table.schema)}.${quote(table.name)}`;
  const rows = client.query(copyTo(`copy (select ${columns} from ${from}) to stdout`));
  const hash = createHash("sha256");
  let pieces = 0;
  const add = async (piece: Buffer): Promise<void> => {
    hash.update(piece);
    pieces += 1;
    const path = `${table.folder}/${String(pieces).padStart(6, "0")}.copy.gz`;
    await archive.add({ path, content: await compress(piece) });
  };
  for await (const piece of inPieces(rows)) await add(piece);
  return { rows: rows.rowCount, sha256: hash.digest("hex") };
};

async function* inPieces(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const bytes of stream) {
    waiting.push(bytes);
    size += bytes.length;
    while (size >= pieceSize) {
      const all = Buffer.concat(waiting);
      yield all.subarray(0, pieceSize);
      waiting = [all.subarray(pieceSize)];
      size -= pieceSize;
    }
  }
  if (size > 0) yield Buffer.concat(waiting);
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const inJson = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
