// Statements of the role that creates and drops the databases of tests.
import {
  builtInRoute,
  type Connection,
  createPool,
  patientOptions,
} from "../database/connecting/connection.ts";

export type Run = (statement: string, values?: readonly unknown[]) => Promise<readonly object[]>;

/** All on one connection. */
export async function runAsAdmin<Value>(
  cluster: Connection,
  work: (run: Run) => Promise<Value>,
): Promise<Value> {
  const pool = createPool(patientOptions(builtInRoute(cluster), "graphward tests"), 1);
  try {
    return await work(async (statement, values = []) => (await pool.query(statement, [...values])).rows);
  } finally {
    await pool.end();
  }
}
