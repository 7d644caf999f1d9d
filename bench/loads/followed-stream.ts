// A stream of server-sent events that a client follows until the server ends it.
import { Agent, request } from "node:http";
import { seconds } from "../../src/time.ts";

export interface FollowedStream {
  /** The time at which its last bytes arrived, and all that came. Rejects when it is cut off. */
  readonly ended: Promise<{ readonly at: number; readonly text: string }>;
}

/** Resolves when the stream is open. Each has a connection of its own. */
export const followStream = (url: string, query: string, token: string): Promise<FollowedStream> =>
  new Promise((resolve, reject) => {
    const headers = {
      accept: "text/event-stream, application/json;q=0.9",
      "content-type": "application/json",
      authorization: token,
    };
    const agent = new Agent();
    const sent = request(url, { agent, method: "POST", headers, timeout: seconds(10) }, (response) => {
      let text = "";
      let at = 0;
      response.setEncoding("utf8").on("data", (part: string) => {
        at = performance.now();
        text += part;
      });
      const ended = new Promise<{ at: number; text: string }>((end, fail) => {
        response.on("end", () => end({ at, text })).on("error", fail);
      });
      ended.catch(() => undefined);
      if (response.statusCode === 200) resolve({ ended });
      else
        ended.then(({ text }) => reject(new Error(`${url} answers ${response.statusCode}: ${text}`)), reject);
    });
    sent
      .on("error", ({ message }) => reject(new Error(`${url} does not answer: ${message}`)))
      .on("timeout", () => sent.destroy(new Error("it takes too long")));
    sent.end(JSON.stringify({ query }));
  });
