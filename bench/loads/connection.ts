// One keep-alive connection: otherwise the connect time would count as time in which a revoked token still works.
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { seconds } from "../../src/time.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Ask = (query: string, token: string) => Promise<Answer>;

export const openConnection = (url: string): Ask => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (query, token) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", authorization: token };
      const sent = request(url, { agent, method: "POST", headers, timeout: seconds(10) }, (response) => {
        const status = response.statusCode ?? 0;
        text(response).then((body) => resolve({ status, text: body }), reject);
      });
      sent
        .on("error", ({ message }) => reject(new Error(`${url} does not answer: ${message}`)))
        .on("timeout", () => sent.destroy(new Error("it takes too long")));
      sent.end(JSON.stringify({ query }));
    });
};
