// The readiness checks of an application.
import { setTimeout as wait } from "node:timers/promises";
import { seconds } from "../time.ts";

/** A balancer's check usually waits for two to five seconds. */
const maxWait = seconds(2);

/** Returns what is not available, or null. All run at the same time. The text of an error is not shown: it may hold secrets. */
export async function findFailedCheck(
  checks: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<string | null> {
  const names = Object.keys(checks);
  if (names.length === 0) return null;
  const over = new AbortController();
  const late = wait(maxWait, false as const, { signal: over.signal }).catch(() => false as const);
  const results = await Promise.all(
    Object.values(checks).map((check) => Promise.race([passes(check), late])),
  );
  over.abort();
  const failed = names.find((_, index) => !results[index]);
  return failed === undefined ? null : `${failed} unavailable`;
}

const passes = async (check: () => Promise<unknown>): Promise<boolean> => {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
};
