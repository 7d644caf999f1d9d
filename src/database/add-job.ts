// Adds a job to the queue of an application, in the transaction of the entity manager if it is in one.
import type { EntityManager } from "@mikro-orm/postgresql";
import { type Kysely, sql } from "kysely";
import { jobSchemaOf } from "./own-schema.ts";

export interface JobOptions {
  /** Not before. Otherwise as soon as a worker is free. */
  readonly runAt?: Date;
  /** A second job with the same key replaces the first one while it waits. */
  readonly key?: string;
  /** 25, unless it says otherwise. */
  readonly maxAttempts?: number;
}

/**
 * Inside `em.transactional()`, the job exists if and only if the transaction commits. `payload` becomes JSON and is stored: put no
 * secret into it. Values are bound, never part of the SQL text.
 */
export async function addJob(
  em: EntityManager,
  task: string,
  payload: Readonly<Record<string, unknown>>,
  { runAt, key, maxAttempts }: JobOptions = {},
): Promise<void> {
  if (isOfMail(task))
    throw new Error(`addJob() was given ${task}: names that begin with mail: are Graphward's.`);
  const tasks = knownTasks.get(em.config);
  if (tasks !== undefined && !tasks.includes(task))
    throw new Error(`addJob() was given ${task}, which is not in jobs.tasks. They are: ${tasks.join(", ")}.`);
  const schema = em.config.get("schema");
  if (schema === undefined) throw new Error("addJob() needs the entity manager of a Graphward server.");
  const database = em.getTransactionContext<Kysely<unknown>>() ?? em.getKysely<unknown>();
  await sql`select ${sql.table(`${jobSchemaOf(schema)}.add_job`)}(${task}::text, ${JSON.stringify(payload)}::json,
    run_at => ${runAt ?? null}::timestamptz, job_key => ${key ?? null}::text,
    max_attempts => ${maxAttempts ?? null}::int)`.execute(database);
}

/** The names of our own jobs. */
export function isOfMail(task: string): boolean {
  return task.startsWith("mail:");
}

const knownTasks = new WeakMap<object, readonly string[]>();

/** Then a misspelt name is an error of the request that adds the job, and no job that nobody ever does. */
export function rememberTasks({ config }: Pick<EntityManager, "config">, tasks: readonly string[]): void {
  knownTasks.set(config, tasks);
}
