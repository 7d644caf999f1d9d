// An application as the server and the commands use it: a definition with all its defaults.
import { fileURLToPath } from "node:url";
import type { ApplicationTables } from "../database/application-tables.ts";
import { packageRoot } from "../package-root.ts";
import type { ApplicationSchema } from "../schema/application-schema.ts";
import type { ServerDefinition } from "./definition.ts";

export interface Application extends ApplicationSchema {
  /** The directory of graphward.config.ts. access.lock and schema.graphql are beside it. */
  readonly root: string;
  readonly tables: ApplicationTables;
}

export function openApplication(definition: ServerDefinition, root: string): Application {
  const { entities = [], resolvers = [], migrations, permissions = {} } = definition;
  return {
    root,
    resolvers,
    permissions,
    tables: { entities, migrations: migrations === undefined ? null : fileURLToPath(migrations) },
  };
}

/** Without a graphward.config.ts, Graphward serves its own schema. */
export const noApplication: Application = openApplication({}, packageRoot);
