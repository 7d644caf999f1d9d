// Runs a statement whose plan each connection keeps: planning the statements of a login takes longer than running them.
import type { CompiledQuery } from "kysely";
import { keepPlanOf } from "./connecting/prepared-names.ts";
import type { Database } from "./tables.ts";

/**
 * For statements of every login or request, with few different texts and with values that do not change the best plan. Behind a
 * pooler the statement is planned for each run, because another client may get the connection. Returns the rows.
 */
export async function runPrepared<Row>(
  database: Database,
  statement: CompiledQuery<Row>,
): Promise<readonly Row[]> {
  keepPlanOf(statement.sql);
  const { rows } = await database.executeQuery(statement);
  return rows;
}
