// Measures every case in turn, repeatedly, so that a slow minute of the machine affects all of them.
import { seconds } from "../src/time.ts";
import type { Load, LoadOrder, LoadRequest } from "./loads/load.ts";
import type { Options } from "./options.ts";
import { readCpuTimes } from "./servers/cpu-time.ts";
import type { Server } from "./servers/server.ts";
import { tell } from "./setting.ts";

export interface Case {
  readonly name: string;
  /** With several, the connections use them in turn. */
  readonly servers: readonly Server[];
  /** The servers whose CPU is counted, when others count too. */
  readonly counted?: readonly Server[];
  readonly field: keyof typeof messages;
  /** With several, each connection sends its share in turn. */
  readonly headers: readonly LoadRequest["headers"][];
}

export interface Measurement {
  readonly requestsPerSecond: number;
  /** CPU time per request; null where the system does not report it. */
  readonly cpu: number | null;
  readonly databaseCpu: number | null;
}

const messages = {
  private: "Hello alice, this is private!",
  public: "Public access allowed!",
} as const;

const connections = 16;
/** The time until V8 has compiled the hot code. */
const warmUp = seconds(2);

/**
 * One list of measurements per round, in the order of the cases. Every second round runs backwards: a machine that grows slower during
 * a round favours no case.
 */
export const measureInRounds = async (
  cases: readonly Case[],
  load: Load,
  { duration, rounds }: Options,
): Promise<readonly (readonly Measurement[])[]> => {
  const orders = await Promise.all(cases.map(makeOrder));
  tell("warming up");
  for (const order of orders) await load.run({ ...order, until: { duration: warmUp } });

  const results: Measurement[][] = [];
  for (let round = 1; round <= rounds; round++) {
    tell(`round ${round} of ${rounds}`);
    const measurements: Measurement[] = [];
    const turns = [...cases.entries()];
    if (round % 2 === 0) turns.reverse();
    for (const [index, { servers, counted = servers }] of turns) {
      const order = orders[index];
      if (order) measurements[index] = await measure(counted, load, { ...order, until: { duration } });
    }
    results.push(measurements);
  }
  return results;
};

/** Sends one request to each server, and takes a correct response as the expected text. */
export const makeOrder = async ({
  servers,
  headers,
  field,
  name,
}: Case): Promise<Omit<LoadOrder, "until"> & { readonly expected: { readonly body: string } }> => {
  const body = JSON.stringify({ query: `{ ${field} { message } }` });
  let text = "";
  for (const { url } of servers) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers[0] },
      body,
    });
    text = await response.text();
    const isRight = text.trim() === JSON.stringify({ data: { [field]: { message: messages[field] } } });
    if (response.status !== 200 || !isRight) throw new Error(`${name} answers ${response.status}: ${text}`);
  }
  return {
    urls: servers.map(({ url }) => url),
    requests: headers.map((it) => ({ headers: it, body })),
    expected: { body: text },
    connections,
  };
};

const measure = async (servers: readonly Server[], load: Load, order: LoadOrder): Promise<Measurement> => {
  const before = await readCpuTimes(servers.map(({ processId }) => processId));
  const { answered, duration } = await load.run(order);
  const after = await readCpuTimes(servers.map(({ processId }) => processId));
  const perRequest = (start: number | null, end: number | null) =>
    start === null || end === null ? null : (end - start) / answered;
  return {
    requestsPerSecond: answered / (duration / seconds(1)),
    cpu: perRequest(before.own, after.own),
    databaseCpu: perRequest(before.children, after.children),
  };
};
