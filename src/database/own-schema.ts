// Puts our tables and jobs into the schema of DATABASE_SCHEMA, so that no statement depends on the search path.
import {
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresQueryCompiler,
  type RawBuilder,
  type SchemableIdentifierNode,
  sql,
} from "kysely";
import { type Tables, tableNames } from "./tables.ts";

/** graphile-worker's tables. A schema of their own, because its functions are not ours to migrate. */
export function jobSchemaOf(schema: string): string {
  return `${schema}_jobs`;
}

/** The triggers build the same name from the schema of their table. */
export function channelOf(schema: string): string {
  return `${schema}_revocations`;
}

/** Live events. `publishEvent` builds the same name. */
export function eventChannelOf(schema: string): string {
  return `${schema}_events`;
}

/** The advisory lock under which the servers of a schema migrate one at a time. */
export function migrationLockOf(schema: string): string {
  return `${schema} migrations`;
}

/** In a statement, the values of these are the names of the schemas. */
export const ownSchema = Symbol("the schema of our tables");
export const ownJobSchema = Symbol("the schema of our jobs");

/**
 * The key of an advisory lock. All schemas of a database share one space of keys: without the schema, two environments would
 * wait for each other.
 */
export function lockKey(name: string): RawBuilder<string> {
  return sql`hashtextextended(${ownSchema}::text || ' ' || ${name}::text, 0)`;
}

/** For a statement written as text; Kysely's own builders need no more than the name. */
export function ownTable(name: keyof Tables | "migrations" | "application_migrations"): RawBuilder<unknown> {
  return sql.table(`${ownMarker}.${name}`);
}

/** A table, view or function of graphile-worker. */
export function inJobs(name: string): RawBuilder<unknown> {
  return sql.table(`${jobsMarker}.${name}`);
}

const ownMarker = "the schema of our tables";
const jobsMarker = "the schema of our jobs";

/** For a pool behind a transaction pooler: no session state is needed. Costs nothing beside compiling, unlike Kysely's plugin. */
export class OwnSchemaDialect extends PostgresDialect {
  readonly #schema: string;

  constructor(config: PostgresDialectConfig, schema: string) {
    super(config);
    this.#schema = schema;
  }

  override createQueryCompiler(): PostgresQueryCompiler {
    return new OwnSchemaCompiler(this.#schema);
  }
}

class OwnSchemaCompiler extends PostgresQueryCompiler {
  readonly #schema: string;

  constructor(schema: string) {
    super();
    this.#schema = schema;
  }

  /** Other tables are the application's, and stay where the search path finds them. */
  protected override visitSchemableIdentifier(node: SchemableIdentifierNode): void {
    const schema = this.#findSchema(node);
    if (schema === null) super.visitSchemableIdentifier(node);
    else {
      this.append(`"${schema}".`);
      this.visitNode(node.identifier);
    }
  }

  #findSchema({ schema, identifier }: SchemableIdentifierNode): string | null {
    if (schema?.name === ownMarker) return this.#schema;
    if (schema?.name === jobsMarker) return jobSchemaOf(this.#schema);
    return schema === undefined && tableNames.has(identifier.name) ? this.#schema : null;
  }

  protected override appendValue(value: unknown): void {
    if (value === ownSchema) super.appendValue(this.#schema);
    else super.appendValue(value === ownJobSchema ? jobSchemaOf(this.#schema) : value);
  }
}
