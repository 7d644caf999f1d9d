// Security rules of upgrades: what users hold goes on and ends as before, and no server runs on tables that it does not know.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Upgrades";

export const rules: readonly Rule[] = [
  [
    "After an upgrade, sessions, access tokens, links and the sealed audit trail from before are valid as they were",
    "",
    "upgrade: lets in the cookie, the token and the access token from then",
    "upgrade: sends the mail that waited, with links that work",
    "upgrade: has its audit trail intact",
  ],
  [
    "A server does not run on a database that needs a newer version",
    "",
    "newer-database: by the start, before it is ready",
    "newer-database: by migrate, check and each command, and is left as it was",
    "newer-database: by a start that waits for migrations while a newer version runs them",
    "newer-database: by the health check of a server that runs",
    "newer-database: when nothing is recorded, and it has a migration that this version does not know",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/database/migrating/compatibility.ts",
    "return compare(thisVersion, recorded.oldest) < 0",
    "return compare(thisVersion, recorded.oldest) < -1",
    "newer-database: by the start, before it is ready",
  ],
  [
    "src/database/migrating/compatibility.ts",
    "return unknown.length > 0",
    "return unknown.length > 1",
    "newer-database: when nothing is recorded, and it has a migration that this version does not know",
  ],
  [
    "src/database/open.ts",
    "      await requireCompatible(database, schema);\n",
    "",
    "newer-database: by a start that waits for migrations while a newer version runs them",
    "built",
  ],
  [
    "src/database/open.ts",
    '  if ((await findRefusal(database, schema)) !== null) return "migrated by a newer version";\n',
    "",
    "newer-database: by the health check of a server that runs",
  ],
  [
    "src/database/migrating/migrate.ts",
    "      await requireCompatible(transaction, earlier ?? schema);\n",
    "",
    "newer-database: by migrate, check and each command, and is left as it was",
    "built",
  ],
  [
    "src/cli/check/database.ts",
    "if (refusal !== null) return",
    'if (refusal === "") return',
    "newer-database: by migrate, check and each command, and is left as it was",
    "built",
  ],
  [
    "src/database/migrating/compatibility.ts",
    "newer(thisVersion, recorded?.migratedBy)",
    "newer(thisVersion)",
    "newer-database: is served, and migrate does not lower what is recorded",
    "built",
  ],
  [
    "src/database/migrating/compatibility.ts",
    "newer(oldestCompatible, recorded?.oldest)",
    "newer(oldestCompatible)",
    "newer-database: is served, and migrate does not lower what is recorded",
    "built",
  ],
  [
    "src/database/migrating/migrate.ts",
    "if (recorded !== null && isEarlier(recorded)) await moveMail(transaction, schema);",
    "",
    "upgrade: sends the mail that waited, with links that work",
  ],
  // What only stored data of an earlier version can notice.
  [
    "src/auth/secrets/secret.ts",
    'createHash("sha256").update(secret)',
    'createHash("sha256").update(`${secret}.`)',
    "upgrade: lets in the cookie, the token and the access token from then",
  ],
  [
    "src/auth/secrets/derived-key.ts",
    "`graphward ${purpose}`",
    "`graphward: ${purpose}`",
    "upgrade: sends the mail that waited, with links that work",
  ],
  [
    "src/auth/audit/trail/chain.ts",
    "...(event.requestId === null ? [] : [event.requestId])",
    "event.requestId",
    "upgrade: has its audit trail intact",
  ],
];
