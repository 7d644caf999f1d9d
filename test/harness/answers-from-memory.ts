// Tells an answer from memory from one that asked the database who is calling.
import type pg from "pg";
import { until } from "./mail.ts";

/**
 * What is answered while nobody can read sessions, tokens and accounts; null when somebody waits to read them. The caller
 * must be known by then, or it proves nothing. `admin` is a connection of the test's own.
 */
export const answerFromMemory = async <Value>(
  admin: pg.Client,
  ask: () => Promise<Value>,
): Promise<Value | null> => {
  await admin.query("begin; lock table sessions, access_tokens, users in access exclusive mode");
  try {
    let answer: { readonly value: Value } | null = null;
    let failure: { readonly error: unknown } | null = null;
    ask().then(
      (value) => {
        answer = { value };
      },
      (error: unknown) => {
        failure = { error };
      },
    );
    const outcome = await until(async () => answer ?? failure ?? ((await isAwaited(admin)) ? "asked" : null));
    if (outcome === "asked") return null;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  } finally {
    await admin.query("rollback");
  }
};

/** By a reader: whoever writes uses down in the meantime waits in another mode. */
const isAwaited = async (admin: pg.Client): Promise<boolean> => {
  const { rows } = await admin.query(
    `select from pg_locks where not granted and mode = 'AccessShareLock'
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows.length > 0;
};
