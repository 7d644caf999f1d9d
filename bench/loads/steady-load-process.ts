// Sends at fixed times without waiting for responses: a slow response must not reduce the load on the server (coordinated omission).
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "../../src/time.ts";
import type { SteadyOrder, SteadyReport } from "./steady-load.ts";
import { serveOrders } from "./worker.ts";

const agent = new Agent({ keepAlive: true });

const run = async (order: SteadyOrder): Promise<SteadyReport> => {
  const pause = seconds(1) / order.requestsPerSecond;
  const count = Math.ceil(order.duration / pause);
  const start = performance.now();
  const answers: Promise<number>[] = [];
  for (let index = 0; index < count; index++) {
    await delay(Math.max(0, start + index * pause - performance.now()));
    const answer = ask(order);
    // The rejection is handled where all responses are awaited.
    answer.catch(() => undefined);
    answers.push(answer);
  }
  return { latencies: await Promise.all(answers) };
};

const ask = ({ url, request: { headers, body }, expectedBody }: SteadyOrder): Promise<number> =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    const options = {
      agent,
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      timeout: seconds(30),
    };
    const sent = request(url, options, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (chunk: string) => {
          text += chunk;
        })
        .on("end", () => {
          if (text === expectedBody) resolve(performance.now() - start);
          else reject(new Error(`${url} does not answer as expected: it said ${text.slice(0, 500)}`));
        })
        .on("error", reject);
    });
    sent
      .on("error", ({ message }) => reject(new Error(`${url} does not answer: ${message}`)))
      .on("timeout", () => sent.destroy(new Error("it takes too long")));
    sent.end(body);
  });

serveOrders(run);
