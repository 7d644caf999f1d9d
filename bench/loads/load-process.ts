// Generates load, as fast as the server responds.
import autocannon from "autocannon";
import { milliseconds, seconds } from "../../src/time.ts";
import type { LoadOrder, LoadReport } from "./load.ts";
import { serveOrders } from "./worker.ts";

const run = (order: LoadOrder): Promise<LoadReport> =>
  new Promise((resolve, reject) => {
    let unexpected: string | undefined;
    const [first] = order.requests;
    const options: autocannon.Options = {
      // autocannon's types do not allow several URLs yet.
      url: [...order.urls] as unknown as string,
      method: "POST",
      headers: headersOf(first?.headers),
      body: first?.body ?? "",
      ...("body" in order.expected
        ? { expectBody: order.expected.body }
        : { verifyBody: matcherOf(order.expected.pattern) }),
      connections: order.connections,
      ...("count" in order.until
        ? { amount: order.until.count }
        : { duration: order.until.duration / seconds(1) }),
      ...(order.requests.length > 1 ? { setupClient: shareOut(order) } : {}),
      // The interval at which autocannon checks whether the time is over.
      sampleInt: milliseconds(100),
      // One wrong response ends the run.
      bailout: 1,
    };
    const instance = autocannon(options, (error, result) => {
      if (error) return reject(error);
      const refused = order.mayRefuse ? (result.statusCodeStats?.["503"]?.count ?? 0) : 0;
      const problem = describeProblem(result, refused, unexpected);
      if (problem !== null)
        return reject(new Error(`${order.urls.join(", ")} does not answer as expected: ${problem}`));
      resolve({ answered: result["2xx"], refused, duration: seconds(result.duration) });
    });
    instance.addListener("reqMismatch", (body: string) => {
      unexpected ??= body;
    });
  });

const headersOf = (headers: Readonly<Record<string, string>> = {}) => ({
  "content-type": "application/json",
  ...headers,
});

const matcherOf = (pattern: string) => {
  const expression = new RegExp(pattern);
  return (body: unknown): boolean => expression.test(String(body));
};

/** Each connection gets a different share. */
const shareOut = ({ requests, connections }: LoadOrder) => {
  let next = 0;
  return (client: autocannon.Client): void => {
    const own = next++ % connections;
    const share = requests.filter((_, index) => index % connections === own);
    client.setRequests(
      share.map(({ headers, body }) => ({ method: "POST", headers: headersOf(headers), body })),
    );
  };
};

const describeProblem = (
  result: autocannon.Result,
  refused: number,
  unexpected: string | undefined,
): string | null => {
  if (unexpected !== undefined) return `it said ${unexpected.slice(0, 500)}`;
  if (result.non2xx > refused) return `statuses ${JSON.stringify(result.statusCodeStats)}`;
  if (result.errors > 0)
    return `${result.errors} connections broke, ${result.timeouts} of them by waiting too long`;
  return result["2xx"] + refused === 0 ? "no answer at all" : null;
};

serveOrders(run);
