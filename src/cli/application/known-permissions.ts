// Every permission that the schema's rules and the application use. This loads and builds the whole schema: import it only where needed.
import { permissionsOf } from "../../auth/access/permissions.ts";
import { buildGuardedSchema, withFederation } from "../../schema/build.ts";
import { loadApplication } from "./load.ts";

export const knownPermissions: readonly string[] = permissionsOf(
  buildGuardedSchema(await loadApplication(), withFederation).schema,
);
