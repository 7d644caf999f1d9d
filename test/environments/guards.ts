// Security rules of the way to the database, with the programs that people run around it.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Environments";

export const rules: readonly Rule[] = [
  [
    "The database's certificate is checked for the host that the URL names",
    "V12.3.2",
    "database-tls: is checked for the address when the URL has an address, and for the name when it has a name",
    "database-tls: of another authority is refused, also with NODE_TLS_REJECT_UNAUTHORIZED=0",
  ],
  [
    "Behind a pooler that shares connections, nothing that a connection keeps is relied on, and the role's defaults are checked",
    "",
    "pooler: a start without DATABASE_DIRECT_URL is refused by one line that names it, before anything is made",
    "pooler: a default that no transaction can state is refused, with the statement to run",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/config/database/tls.ts",
    "checkServerIdentity(host, certificate),",
    "checkServerIdentity(_name, certificate),",
    "database-tls: is checked for the address when the URL has an address, and for the name when it has a name",
  ],
  [
    "src/config/database/tls.ts",
    'rejectUnauthorized: mode !== "no-verify",',
    '...(mode === "no-verify" && { rejectUnauthorized: false }),',
    "database-tls: of another authority is refused, also with NODE_TLS_REJECT_UNAUTHORIZED=0",
    "built",
  ],
  [
    "src/cli/check.ts",
    "isCertificateRefused(error.cause)",
    "false",
    "database-tls: that cannot be verified fails graphward check",
    "built",
  ],
  [
    "src/cli/database.ts",
    "environmentWithoutPostgres()",
    "process.env",
    "psql: graphward database opens psql on the built-in database, whatever the shell's variables say",
    "built",
  ],
  [
    "src/database/connecting/routes.ts",
    'if (found.route.pooling === "transaction")',
    "if (false)",
    "pooler: a start without DATABASE_DIRECT_URL is refused by one line that names it, before anything is made",
    "built",
  ],
  [
    "src/database/connecting/routes.ts",
    'if (route.pooling === "transaction")\n    throw',
    "if (false)\n    throw",
    "pooler: and so is one whose DATABASE_DIRECT_URL leads to a pooler in transaction mode, or to another database",
    "built",
  ],
  [
    "src/database/connecting/routes.ts",
    "if ((await findIdentity(found.route)) !== (await findIdentity(route)))",
    "if (false)",
    "pooler: and so is one whose DATABASE_DIRECT_URL leads to a pooler in transaction mode, or to another database",
    "built",
  ],
  [
    "src/database/connecting/session-state.ts",
    '...(pooling === "transaction" && state), ',
    "",
    "pooler: a default that no transaction can state is refused, with the statement to run",
    "built",
  ],
  [
    "src/database/connecting/session-state.ts",
    'if (pooling !== "session") return null;',
    "if (pooling !== null) return null;",
    "pooler: behind PgBouncer in session mode",
  ],
];
