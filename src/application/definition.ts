// What an application brings: the argument of defineServer().
import type { Class } from "../auth/access/rules.ts";
import type { ApplicationTables } from "../database/application-tables.ts";

export interface ServerDefinition {
  /** Each has its table in APPLICATION_SCHEMA, unless it names another schema. */
  readonly entities?: ApplicationTables["entities"];
  /** Their fields are private, unless they have `@Public()`. */
  readonly resolvers?: readonly Class[];
  /** The directory of the migrations: `new URL("./migrations/", import.meta.url)`. */
  readonly migrations?: URL;
  /** The permissions that the application's code checks, each with what it allows: `{ "notes:moderate": "Change anybody's notes" }`. */
  readonly permissions?: Readonly<Record<string, string>>;
}

const keys: Readonly<Record<keyof ServerDefinition, true>> = {
  entities: true,
  resolvers: true,
  migrations: true,
  permissions: true,
};

/** The default export of `graphward.config.ts`. Throws for a key that does not exist. */
export function defineServer(definition: ServerDefinition): ServerDefinition {
  for (const key of Object.keys(definition))
    if (!Object.hasOwn(keys, key))
      throw new Error(`defineServer() has no key ${key}. It has: ${Object.keys(keys).join(", ")}.`);
  defined.add(definition);
  return definition;
}

/** The default export of another file, such as a tool's configuration, must not start a server without the application. */
export const isDefined = (value: unknown): value is ServerDefinition => defined.has(value as object);

const defined = new WeakSet<object>();
