// Security rules of the database: a statement that fails reveals no values.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Database";

export const rules: readonly Rule[] = [
  [
    "When the database falls silent, every request ends within 5 seconds, and service returns by itself",
    "V16.5.2",
    "silent-database: when all established connections fall silent",
    "silent-database: when the database is frozen, and new connections get no reply either",
  ],
  [
    "When a statement fails, PostgreSQL's own log holds none of its values",
    "V16.2.5",
    "failing-statements: a statement that fails tells PostgreSQL's log what failed, and no value:",
  ],
  [
    "No default of the database, the role or the shell changes what our statements do; what cannot be overruled refuses the start",
    "",
    "defaults: is overruled for each connection: of requests, of listening, of mail and of commands",
    "defaults: a default that no connection can overrule is refused, with the statement to run",
    "shell-variables: change nothing of the built-in database",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/database/silence.ts",
    "            this.#destroy();\n            noticeSilence(start);\n",
    "",
    "silent-database: when all established connections fall silent",
  ],
  [
    "src/database/silence.ts",
    "if (isSilent && (isProbing || start - probedAt < probeEvery)) {",
    "if (start < 0) {",
    "silent-database: when the database is frozen, and new connections get no reply either",
  ],
  [
    "src/database/connection.ts",
    "    keepAliveInitialDelayMillis,\n",
    "",
    "silent-database: an idle connection is probed by TCP keep-alive within 15 s, so that a lost one is noticed",
  ],
  [
    "src/graphql/error-mask.ts",
    'return refused ?? masked(formatted, "INTERNAL_SERVER_ERROR");',
    "return refused ?? formatted;",
    "failing-statements: and its caller one fixed text, with the request id that leads to the line in the log",
  ],
  [
    "src/database/embedded/settings.ts",
    'log_min_error_statement: "panic"',
    'log_min_error_statement: "error"',
    "failing-statements: a statement that fails tells PostgreSQL's log what failed, and no value:",
  ],
  [
    "src/database/embedded/settings.ts",
    'log_error_verbosity: "terse"',
    'log_error_verbosity: "default"',
    "failing-statements: a statement that fails tells PostgreSQL's log what failed, and no value:",
  ],
  [
    "src/auth/sessions/ends.ts",
    "  if (!isUuid(id)) return false;\n",
    "",
    "failing-statements: a statement that fails tells PostgreSQL's log what failed, and no value:",
  ],
  [
    "src/database/session-state.ts",
    '  default_transaction_read_only: "off",\n',
    "",
    "defaults: is overruled for each connection: of requests, of listening, of mail and of commands",
  ],
  [
    "src/database/session-state.ts",
    '    ...(synchronousCommit === "off" && { synchronous_commit: "on" }),\n',
    "",
    "defaults: is overruled for each connection: of requests, of listening, of mail and of commands",
  ],
  [
    "src/database/session-state.ts",
    '  client_encoding: "UTF8",\n',
    "",
    "defaults: changes no time, no text and no secret that is stored or read",
  ],
  [
    "src/database/session-state.ts",
    'session_replication_role: "origin", ',
    "",
    "defaults: a default that no connection can overrule is refused, with the statement to run",
    "built",
  ],
  [
    "src/database/session-state.ts",
    ', server_encoding: "UTF8"',
    "",
    "defaults: a database that cannot store every name is refused before anything is created",
    "built",
  ],
  [
    "src/database/client.ts",
    'return isStatement && this.getTransactionStatus() === "I";',
    "return isStatement && false;",
    "defaults: what PostgreSQL rolled back because of others",
  ],
  [
    "src/database/client.ts",
    'return isStatement && this.getTransactionStatus() === "I";',
    "return isStatement;",
    "defaults: what PostgreSQL rolled back because of others",
  ],
  [
    "src/database/transaction.ts",
    "return repeatOnConflict(() =>",
    "return ((run: () => Promise<Value>) => run())(() =>",
    "defaults: what PostgreSQL rolled back because of others",
  ],
  [
    "src/database/conflicts.ts",
    "attempt === maxAttempts || ",
    "attempt === maxAttempts * 10 || ",
    "defaults: is repeated within a bound: then the service is unavailable, and nothing is half done",
  ],
  [
    "src/database/conflicts.ts",
    "if (attempt === maxAttempts || !isConflict(error)) throw error;",
    "if (attempt === maxAttempts) throw error;",
    "defaults: and no other error is",
  ],
  [
    "src/database/failures.ts",
    "57014|40001|",
    "57014|",
    "defaults: is repeated within a bound: then the service is unavailable, and nothing is half done",
  ],
  [
    "src/database/client.ts",
    "return { user: this.user, database: this.database, ...this.#options.startup };",
    "return { replication: this.replication, user: this.user, database: this.database, ...this.#options.startup };",
    "shell-variables: change nothing of the built-in database",
    "built",
  ],
  [
    "src/database/connection.ts",
    'sslnegotiation: route.isDirectTls ? "direct" : "postgres",',
    'sslnegotiation: route.isDirectTls ? "direct" : undefined,',
    "shell-variables: change nothing of the built-in database",
    "built",
  ],
  [
    "src/database/connection.ts",
    'password: password === "" ? () => "" : password,',
    "password,",
    "shell-variables: without a password, to a database that asks for one, is told so",
    "built",
  ],
  [
    "src/database/orm.ts",
    'route.database.replaceAll("\'", "\'\'")',
    "route.database",
    "shell-variables: of a database whose name has quotes, spaces, percent signs and a slash leads to it",
    "built",
  ],
];
