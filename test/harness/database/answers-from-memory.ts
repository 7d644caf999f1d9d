// Shows whether a response came from the viewer cache or needed the database.
import type pg from "pg";
import { until } from "../mail/mail.ts";

/**
 * The response while nobody can read sessions, tokens and users; null when a query waits to read them. The
 * viewer must be cached before the call, or the result proves nothing. `admin` is a connection of the test's own.
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

/** Only readers count: a statement that writes uses waits in another lock mode. */
const isAwaited = async (admin: pg.Client): Promise<boolean> => {
  const { rows } = await admin.query(
    `select from pg_locks where not granted and mode = 'AccessShareLock'
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows.length > 0;
};
