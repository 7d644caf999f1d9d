// What keeps a reload of the workers from failing a request.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Workers";

export const rules: readonly Rule[] = [];

export const guards: readonly Guard[] = [
  [
    "src/process/workers.ts",
    'serving.size > 0 ? "yes" : "no"',
    '"no"',
    "workers: are replaced without a failed request when the database is so slow that a start takes long",
    "built",
  ],
  [
    "src/server.ts",
    "let listener = othersServe ? null : await",
    "let listener = await",
    "workers: are replaced without a failed request when the database is so slow that a start takes long",
    "built",
  ],
];
