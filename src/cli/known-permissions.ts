// Every permission that the schema's rules use. This loads and builds the whole schema: import it only where needed.
import { permissionsOf } from "../auth/access/permissions.ts";
import { buildGuardedSchema, withFederation } from "../schema/build.ts";

export const knownPermissions: readonly string[] = permissionsOf(
  buildGuardedSchema(undefined, withFederation).schema,
);
