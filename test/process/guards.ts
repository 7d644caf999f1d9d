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
  [
    "src/process/hash-permits.ts",
    "if (free === 0) return;",
    "",
    "hash-permits: the primary process runs no more hashes than it has permits, whichever worker asks",
  ],
  [
    "src/process/hash-permits.ts",
    "held.late > 0) held.late -= 1;",
    "held.late > 0) free += 1;",
    "hash-permits: the primary process takes the permit of a worker that hangs, and once only",
  ],
  [
    "src/process/hash-permits.ts",
    "if (held.late > 0) held.late -= 1;\n      else if",
    "if",
    "hash-permits: a worker that hangs gets no other permit until it has given back the one that was taken from it",
  ],
  [
    "src/process/hash-permits.ts",
    "takeBack(held, timer), longestUse)",
    "undefined, longestUse)",
    "hash-permits: the primary process takes the permit of a worker that hangs, and once only",
  ],
  [
    "src/process/hash-permits.ts",
    "if (held.late > 0) continue;",
    "",
    "hash-permits: a worker that hangs gets no other permit until it has given back the one that was taken from it",
  ],
  [
    "src/process/hash-permits.ts",
    "free += timers.size;",
    "",
    "hash-permits: a worker that died gives back what it had, and no longer waits",
  ],
  [
    "src/process/serve.ts",
    "  else shareHashing(worker.openHashPermits);\n",
    "",
    "workers: all workers together hash as many passwords at once as the setting says",
    "built",
  ],
  [
    "src/process/workers.ts",
    'logger.error({ worker: worker.id, code }, "a worker failed"),',
    "process.exit(1),",
    "workers: serve on when no process can be started, until one can again",
    "built",
  ],
  [
    "src/process/workers.ts",
    'worker.once("error", () => resolve(false));',
    "",
    "workers: serve on when no process can be started, until one can again",
    "built",
  ],
];
