// The settings that the text of COPY depends on, for the transaction that writes it and for the one that reads it.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";

const state = {
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  // Every digit that a number has.
  extra_float_digits: "1",
  bytea_output: "hex",
  client_encoding: "UTF8",
};

export async function copyState(database: Database): Promise<void> {
  for (const [name, value] of Object.entries(state))
    await sql`select set_config(${name}, ${value}, true)`.execute(database);
}
