// Security rules of the command line.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "The command line";

export const rules: readonly Rule[] = [
  [
    "No signal opens a debugger, or writes the memory of the server to a file",
    "V13.4.2",
    "start: SIGUSR1 opens no debugger, neither of the server nor of a command",
    "start: a signal that a terminal sends lets the requests under way finish, like SIGTERM:",
  ],
  [
    "`access --write` accepts the schema of the current sources, and refuses a stale build",
    "",
    "stale-build: access --write refuses a build that is older than the sources, and says how to build",
  ],
];

export const guards: readonly Guard[] = [
  [
    "bin/graphward.js",
    'process.on("SIGUSR1", () => undefined);\n',
    "",
    "start: SIGUSR1 opens no debugger, neither of the server nor of a command",
  ],
  [
    "src/main.ts",
    '"SIGHUP", "SIGQUIT"]',
    "]",
    "start: a signal that a terminal sends lets the requests under way finish, like SIGTERM:",
    "built",
  ],
  [
    "src/database/open.ts",
    " && !isRefusal(error)",
    "",
    "start: a database that refuses us is not waited for: neither a wrong password nor a missing database",
    "built",
  ],
  [
    "src/database/migration-watch.ts",
    "await endStatements(client, applicationName).catch(() => undefined);",
    "void endStatements;",
    "start: ends at a signal, and leaves no statement in PostgreSQL that waits on",
    "built",
  ],
  [
    "src/server.ts",
    ": untilMigrated(opened.findMissingMigrations, waiting));",
    ": untilMigrated(async () => [], waiting));",
    "start: in an empty database, and turns ready by itself",
    "built",
  ],
  [
    "src/cli/access.ts",
    "if (write) await requireCurrentBuild(",
    "if (!write) await requireCurrentBuild(",
    "stale-build: access --write refuses a build that is older than the sources, and says how to build",
    "built",
  ],
  [
    "src/server.ts",
    "if (graphql === null) await start.untilOver();",
    "",
    "start: a request that comes during a quick start is answered after it: a proxy would pass a refusal on",
    "built",
  ],
  [
    "src/server.ts",
    "const delay = graphql === null ? 0 : config.shutdownDelay;",
    "const delay = config.shutdownDelay;",
    "start: while the database is not there",
    "built",
  ],
];
