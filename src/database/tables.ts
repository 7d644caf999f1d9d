// The tables as Kysely sees them, inferred from the entities.
import type { InferKyselyTable } from "@mikro-orm/postgresql";
import type { Kysely } from "kysely";
import type { OneTimeTokenSchema } from "../entities/one-time-token.ts";
import type { SessionSchema } from "../entities/session.ts";
import type { UserSchema } from "../entities/user.ts";

export interface Tables {
  users: InferKyselyTable<typeof UserSchema>;
  sessions: InferKyselyTable<typeof SessionSchema>;
  one_time_tokens: InferKyselyTable<typeof OneTimeTokenSchema>;
}

/**
 * How the rules reach the database: values are bound, never written into the SQL text, so that a failing statement
 * shows no secret in PostgreSQL's log. Either the pool or a transaction.
 */
export type Database = Kysely<Tables>;
