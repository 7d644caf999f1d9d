// What an application brings for the database: entities, and the folder of its migrations.
import type { EntityClass, EntitySchema } from "@mikro-orm/core";

export interface ApplicationTables {
  /** Their tables are in APPLICATION_SCHEMA, unless they name another schema. */
  readonly entities: readonly (EntityClass | EntitySchema)[];
  /** A directory. Null: it has no migrations. */
  readonly migrations: string | null;
}

export const noTables: ApplicationTables = { entities: [], migrations: null };
