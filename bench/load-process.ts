// The program that makes the load: one order in, one report out.
import autocannon from "autocannon";
import { milliseconds, seconds } from "../src/time.ts";
import type { LoadOrder, LoadReport } from "./load.ts";

const run = (order: LoadOrder): Promise<LoadReport> =>
  new Promise((resolve, reject) => {
    let unexpected: string | undefined;
    const options = {
      url: order.url,
      method: "POST",
      headers: { "content-type": "application/json", ...order.headers },
      body: order.body,
      expectBody: order.expectedBody,
      connections: order.connections,
      duration: order.duration / seconds(1),
      // It looks only this often whether the time is over.
      sampleInt: milliseconds(100),
      // A connection that got a wrong answer sends no more: one is enough to end the run.
      bailout: 1,
    } as const;
    autocannon(options, (error, result) => {
      if (error) return reject(error);
      const problem = describeProblem(result, unexpected);
      resolve({ answered: result["2xx"], duration: seconds(result.duration), problem });
    }).addListener("reqMismatch", (body: string) => {
      unexpected ??= body;
    });
  });

const describeProblem = (result: autocannon.Result, unexpected: string | undefined): string | null => {
  if (unexpected !== undefined) return `it said ${unexpected.slice(0, 500)}`;
  if (result.non2xx > 0) return `statuses ${JSON.stringify(result.statusCodeStats)}`;
  if (result.errors > 0)
    return `${result.errors} connections broke, ${result.timeouts} of them by waiting too long`;
  return result["2xx"] === 0 ? "no answer at all" : null;
};

process.on("message", async (order: LoadOrder) => {
  try {
    process.send?.(await run(order));
  } catch (error) {
    process.send?.({ answered: 0, duration: 0, problem: String(error) } satisfies LoadReport);
  }
});
// The benchmark was killed: nobody waits for a report.
process.once("disconnect", () => process.exit());
