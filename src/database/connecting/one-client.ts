// Kysely on one connection, whose transaction the caller begins and ends: for COPY, which the driver runs beside it.

import type { PostgresDialectConfig } from "kysely";
import type pg from "pg";

/** For a dialect. */
export function poolOf(client: pg.Client): Extract<PostgresDialectConfig["pool"], { end(): unknown }> {
  // Given back and kept: the connection stays the same, whatever Kysely does between two statements.
  const lent = Object.assign(client, { release: () => undefined });
  return { connect: async () => lent, end: async () => undefined } as never;
}
