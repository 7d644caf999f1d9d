// Holds thousands of streams, and tells when each of them has an event.
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "../../src/time.ts";
import type { StreamsOrder, StreamsReport } from "./streams.ts";
import { serveOrders } from "./worker.ts";

type Order<Act> = Extract<StreamsOrder, { act: Act }>;

let opened = 0;
/** By the number of an event that not all streams have: how many have it, and whom to tell. */
const arriving = new Map<number, { count: number; readonly tellAll: () => void }>();

/** At once: each is a request with its authentication. */
const openAtOnce = 50;

const run = async (order: StreamsOrder): Promise<StreamsReport> => {
  const start = performance.now();
  if (order.act === "open") await openAll(order);
  const latencies =
    order.act === "send" ? [await send(order, false)] : order.act === "open" ? [] : await sendSteadily(order);
  return { duration: performance.now() - start, latencies };
};

const openAll = async ({ url, headers, count }: Order<"open">): Promise<void> => {
  const wanted = opened + count;
  const openNext = async (): Promise<void> => {
    while (opened < wanted) {
      const own = headers[opened % headers.length];
      opened += 1;
      await open(url, own ?? {});
    }
  };
  await Promise.all(Array.from({ length: openAtOnce }, openNext));
};

const post = (url: string, headers: Readonly<Record<string, string>>, agent: Agent | false) =>
  request(url, { method: "POST", agent, headers: { "content-type": "application/json", ...headers } });

const open = (url: string, headers: Readonly<Record<string, string>>): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = post(url, { ...headers, accept: "text/event-stream, application/json;q=0.9" }, false);
    sent.on("error", reject).on("response", (response) => {
      if (response.statusCode !== 200)
        return void text(response).then((body) => reject(new Error(`${url} refuses a stream: ${body}`)));
      resolve();
      // An event may come in two parts, and two events in one.
      let rest = "";
      response
        .setEncoding("utf8")
        .on("data", (chunk: string) => {
          if (arriving.size === 0) return;
          rest += chunk;
          let end = 0;
          for (const { 0: event, 1: number, index } of rest.matchAll(/"happened":(\d+)\}/g)) {
            end = index + event.length;
            noteArrival(Number(number));
          }
          rest = rest.slice(Math.max(end, rest.length - 100));
        })
        .on("error", () => undefined);
    });
    sent.end(JSON.stringify({ query: "subscription { happened }" }));
  });

const noteArrival = (number: number): void => {
  const arrival = arriving.get(number);
  if (arrival === undefined) return;
  arrival.count += 1;
  if (arrival.count === opened) arrival.tellAll();
};

type Sending = Pick<Order<"send">, "url" | "headers" | "number">;

const send = async ({ url, headers, number }: Sending, agent: Agent | false): Promise<number> => {
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(new Error(`${url}: only ${arriving.get(number)?.count} of ${opened} streams have the event.`)),
      seconds(60),
    );
    const tellAll = () => {
      clearTimeout(timer);
      arriving.delete(number);
      resolve();
    };
    arriving.set(number, { count: 0, tellAll });
    const sent = post(url, headers, agent);
    sent.on("error", reject).on("response", (response) => response.resume());
    sent.end(JSON.stringify({ query: `mutation { happen(number: ${number}) }` }));
  });
  return performance.now() - start;
};

/** At fixed times, without waiting for the streams: a slow event must not reduce the load on the server. */
const sendSteadily = async ({
  url,
  headers,
  number,
  count,
  perSecond,
}: Order<"send steadily">): Promise<readonly number[]> => {
  const agent = new Agent({ keepAlive: true });
  const pause = seconds(1) / perSecond;
  const start = performance.now();
  const latencies: Promise<number>[] = [];
  for (let index = 0; index < count; index += 1) {
    await delay(Math.max(0, start + index * pause - performance.now()));
    const latency = send({ url, headers, number: number + index }, agent);
    // The rejection is handled where all are awaited.
    latency.catch(() => undefined);
    latencies.push(latency);
  }
  const all = await Promise.all(latencies);
  agent.destroy();
  return all;
};

serveOrders(run);
