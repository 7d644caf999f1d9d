// Durations in SQL: PostgreSQL's clock decides when something begins and ends; milliseconds come from `time.ts`.
import { sql } from "kysely";

export function interval(milliseconds: number) {
  return sql`${milliseconds} * interval '1 millisecond'`;
}

export function fromNow(milliseconds: number) {
  return sql<Date>`now() + ${interval(milliseconds)}`;
}

export function ago(milliseconds: number) {
  return sql<Date>`now() - ${interval(milliseconds)}`;
}
