// Repeats what PostgreSQL rolled back because of others: a serialization failure or a deadlock.
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { milliseconds, seconds } from "../../time.ts";

const maxAttempts = 6;
/** PostgreSQL takes a second to notice a deadlock, and a request ends within five. */
const longestRepeats = seconds(2);
const longestFirstPause = milliseconds(8);

const conflicts = new Set(["40001", "40P01"]);

/** `run` must be safe to repeat: all that it does must be in what PostgreSQL rolled back. */
export async function repeatOnConflict<Value>(run: () => Promise<Value>): Promise<Value> {
  const start = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const isLast = attempt === maxAttempts || performance.now() - start > longestRepeats;
      if (isLast || !isConflict(error)) throw error;
    }
    // Random, so that those who met do not meet again.
    await pause(randomInt(longestFirstPause * 2 ** attempt));
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error && "code" in error && conflicts.has(String(error.code));
