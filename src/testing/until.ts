// Waits for what comes by itself, such as a mail.
import { seconds } from "../time.ts";

const longestWait = seconds(20);

/** Polls until there is a value. `what` is for the error, when it does not come. */
export async function until<Value>(
  ask: () => Promise<Value | null | undefined | false> | Value | null | undefined | false,
  what = "It",
): Promise<Value> {
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() - start > longestWait) throw new Error(`${what} did not come.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
