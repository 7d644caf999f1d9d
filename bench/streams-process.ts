// Holds thousands of streams, and tells when each of them has an event.
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { seconds } from "../src/time.ts";
import type { StreamsOrder, StreamsReport } from "./streams.ts";
import { serveOrders } from "./worker.ts";

/** Of all streams, after each event. */
let received = 0;
let opened = 0;
let expected = "";
let tellAll: () => void = () => undefined;

/** At once: each is a request with its authentication. */
const openAtOnce = 50;

const run = async (order: StreamsOrder): Promise<StreamsReport> => {
  const start = performance.now();
  if (order.act === "open") await openAll(order);
  else await sendToAll(order);
  return { duration: performance.now() - start };
};

const openAll = async ({ url, headers, count }: Extract<StreamsOrder, { act: "open" }>): Promise<void> => {
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

const post = (url: string, headers: Readonly<Record<string, string>>) =>
  request(url, { method: "POST", agent: false, headers: { "content-type": "application/json", ...headers } });

const open = (url: string, headers: Readonly<Record<string, string>>): Promise<void> =>
  new Promise((resolve, reject) => {
    const sent = post(url, { ...headers, accept: "text/event-stream" });
    sent.on("error", reject).on("response", (response) => {
      if (response.statusCode !== 200)
        return void text(response).then((body) => reject(new Error(`${url} refuses a stream: ${body}`)));
      resolve();
      // An event may come in two parts, and two events in one.
      let last = "";
      response
        .setEncoding("utf8")
        .on("data", (chunk: string) => {
          if (expected === "") return;
          last = (last + chunk).slice(-500);
          if (!last.includes(expected)) return;
          last = "";
          received += 1;
          if (received === opened) tellAll();
        })
        .on("error", () => undefined);
    });
    sent.end(JSON.stringify({ query: "subscription { happened }" }));
  });

const sendToAll = async ({ url, headers, number }: Extract<StreamsOrder, { act: "send" }>): Promise<void> => {
  received = 0;
  expected = `"happened":${number}}`;
  const all = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${url}: only ${received} of ${opened} streams have the event.`)),
      seconds(60),
    );
    tellAll = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  all.catch(() => undefined);
  const sent = post(url, headers);
  sent.on("error", () => undefined).on("response", (response) => response.resume());
  sent.end(JSON.stringify({ query: `mutation { happen(number: ${number}) }` }));
  await all;
};

serveOrders(run);
