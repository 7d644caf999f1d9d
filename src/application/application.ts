// An application as the server and the commands use it: a definition with all its defaults.
import { fileURLToPath } from "node:url";
import type { PageSurroundings } from "../account-pages/serve.ts";
import { ownSections } from "../auth/flows/data-export.ts";
import { openBrand } from "../brand/brand.ts";
import type { ApplicationTables } from "../database/application-tables.ts";
import type { ApplicationGraphql } from "../graphql/open.ts";
import type { ApplicationJobs } from "../jobs/application-jobs.ts";
import type { ApplicationMail } from "../mail/open-mail.ts";
import { openMailLanguages } from "../mail/texts/languages.ts";
import { packageRoot } from "../package-root.ts";
import type { ApplicationSchema } from "../schema/application-schema.ts";
import type { ServerDefinition } from "./definition.ts";

export interface Application
  extends ApplicationSchema,
    ApplicationGraphql,
    Pick<Required<ServerDefinition>, "accounts" | "health" | "reservedUsernames"> {
  /** The directory of graphward.config.ts. access.lock and schema.graphql are beside it. */
  readonly root: string;
  readonly tables: ApplicationTables;
  readonly mail: ApplicationMail;
  readonly pages: Pick<PageSurroundings, "brand" | "texts" | "defaultLanguage">;
  readonly settings: NonNullable<ServerDefinition["settings"]> | null;
  readonly routes: NonNullable<ServerDefinition["routes"]> | null;
  readonly jobs: ApplicationJobs | null;
  readonly seed: NonNullable<ServerDefinition["seed"]> | null;
  /** Null: ours. */
  readonly logger: NonNullable<ServerDefinition["logger"]> | null;
}

export function openApplication(definition: ServerDefinition, root: string): Application {
  const { entities = [], resolvers = [], migrations, permissions = {}, reservedUsernames = [] } = definition;
  const { accounts = {}, plugins = [], health = {}, mail = {} } = definition;
  refuseSharedSections(accounts);
  const brand = openBrand(definition.brand, root);
  const languages = openMailLanguages(mail.texts, definition.defaultLanguage);
  return {
    root,
    resolvers,
    permissions,
    reservedUsernames,
    accounts,
    plugins,
    health,
    tables: { entities, migrations: migrations === undefined ? null : fileURLToPath(migrations) },
    mail: { brand, languages, transport: mail.transport ?? null },
    pages: { brand, texts: definition.pages?.texts ?? {}, defaultLanguage: languages.defaultLanguage },
    extendContext: definition.context ?? null,
    settings: definition.settings ?? null,
    routes: definition.routes ?? null,
    jobs: definition.jobs ?? null,
    seed: definition.seed ?? null,
    logger: definition.logger ?? null,
  };
}

/** A section of ours would otherwise be replaced in the data that a user exports. */
const refuseSharedSections = ({ exportData = {} }: Application["accounts"]): void => {
  const shared = ownSections.find((name) => Object.hasOwn(exportData, name));
  if (shared !== undefined)
    throw new Error(`accounts.exportData.${shared}: the export has a section of this name already.`);
};

/** Without a graphward.config.ts, Graphward serves its own schema. */
export const noApplication: Application = openApplication({}, packageRoot);
