// Every permission that the schema's rules ask for. Loads and builds the whole schema: import it only where they are shown.
import { permissionsOf } from "../auth/access/permissions.ts";
import { buildGuardedSchema } from "../schema/build.ts";

export const knownPermissions: readonly string[] = permissionsOf(buildGuardedSchema().schema);
