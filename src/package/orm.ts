// `graphward/orm`: MikroORM, in the one copy that the server uses.
import "reflect-metadata";

export * from "@mikro-orm/core";
export type { EntityManager, Kysely } from "@mikro-orm/postgresql";
export { sql } from "@mikro-orm/postgresql";
export { Migration } from "../database/application-migration.ts";
