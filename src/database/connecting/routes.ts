// The two ways to the database, checked before they are used: for statements, and for what needs a connection of its own.

import type { Waiting } from "../waiting.ts";
import type { ConfiguredConnection, Route } from "./connection.ts";
import { describePlace } from "./descriptions.ts";
import { type FoundRoute, findIdentity, findRoute } from "./pooling.ts";
import { requireReply } from "./reply.ts";

export interface Routes {
  readonly main: Route;
  /** For listening, migrations and jobs. */
  readonly direct: Route;
}

/** Throws an error with a one-line message. */
export async function requireRoutes(
  main: ConfiguredConnection,
  direct: ConfiguredConnection | null,
  waiting: Waiting | null,
): Promise<Routes> {
  const found = await requireRoute(main, waiting, { isSharedAnyway: direct !== null });
  if (direct === null) {
    if (found.route.pooling === "transaction")
      throw new Error(
        `The database at ${describePlace(main)} is behind a pooler in transaction mode: set DATABASE_DIRECT_URL to the database itself, or to a pooler in session mode.`,
      );
    return { main: found.route, direct: found.route };
  }
  const { route } = await requireRoute(direct, waiting);
  if (route.pooling === "transaction")
    throw new Error(
      `DATABASE_DIRECT_URL leads to a pooler in transaction mode at ${describePlace(direct)}: write the URL of the database itself, or of a pooler in session mode.`,
    );
  if ((await findIdentity(found.route)) !== (await findIdentity(route)))
    throw new Error(
      `DATABASE_DIRECT_URL leads to another database (${describePlace(direct)}) than DATABASE_URL (${describePlace(main)}): write the same database in both.`,
    );
  return { main: found.route, direct: route };
}

/** Throws an error with a one-line message. */
export async function requireRoute(
  connection: ConfiguredConnection,
  waiting: Waiting | null,
  options = {},
): Promise<FoundRoute> {
  const place = describePlace(connection);
  const found = await requireReply(() => findRoute(connection, options), { place, waiting });
  const { deviations, route } = found;
  if (deviations.has("server_encoding"))
    throw new Error(`The database at ${place} cannot store every name: create one with the encoding UTF8.`);
  if (deviations.size > 0)
    throw new Error(
      `The database at ${place} sets by default what ${route.pooling === "none" ? "we" : "a pooler's client"} cannot change: run ${describeRemedy(connection, deviations)}`,
    );
  return found;
}

const describeRemedy = (
  { user, database }: ConfiguredConnection,
  deviations: ReadonlyMap<string, string>,
): string => {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  // Otherwise the role could not change its own defaults.
  const first = deviations.has("default_transaction_read_only")
    ? "set default_transaction_read_only = off; "
    : "";
  const statements = [...deviations].map(
    ([name, value]) => `alter role ${quoted(user)} in database ${quoted(database)} set ${name} = '${value}';`,
  );
  return first + statements.join(" ");
};
