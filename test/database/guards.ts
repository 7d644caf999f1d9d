// Security rules of the database: a statement that fails reveals no values.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Database";

export const rules: readonly Rule[] = [
  [
    "When a statement fails, PostgreSQL's own log holds none of its values",
    "V16.2.5",
    "failing-statements: a statement that fails tells PostgreSQL's log what failed, and no value:",
  ],
];

export const guards: readonly Guard[] = [
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
];
