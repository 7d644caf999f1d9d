// An application as the server and the commands use it: a definition with all its defaults.
import { fileURLToPath } from "node:url";
import type { ApplicationTables } from "../database/application-tables.ts";
import type { ApplicationGraphql } from "../graphql/open.ts";
import type { ApplicationJobs } from "../jobs/application-jobs.ts";
import { packageRoot } from "../package-root.ts";
import type { ApplicationSchema } from "../schema/application-schema.ts";
import type { ServerDefinition } from "./definition.ts";

export interface Application
  extends ApplicationSchema,
    ApplicationGraphql,
    Pick<Required<ServerDefinition>, "health"> {
  /** The directory of graphward.config.ts. access.lock and schema.graphql are beside it. */
  readonly root: string;
  readonly tables: ApplicationTables;
  readonly settings: NonNullable<ServerDefinition["settings"]> | null;
  readonly routes: NonNullable<ServerDefinition["routes"]> | null;
  readonly jobs: ApplicationJobs | null;
  /** Null: ours. */
  readonly logger: NonNullable<ServerDefinition["logger"]> | null;
}

export function openApplication(definition: ServerDefinition, root: string): Application {
  const {
    entities = [],
    resolvers = [],
    migrations,
    permissions = {},
    plugins = [],
    health = {},
  } = definition;
  return {
    root,
    resolvers,
    permissions,
    plugins,
    health,
    tables: { entities, migrations: migrations === undefined ? null : fileURLToPath(migrations) },
    extendContext: definition.context ?? null,
    settings: definition.settings ?? null,
    routes: definition.routes ?? null,
    jobs: definition.jobs ?? null,
    logger: definition.logger ?? null,
  };
}

/** Without a graphward.config.ts, Graphward serves its own schema. */
export const noApplication: Application = openApplication({}, packageRoot);
