// A refused subscription as the only event of a response that ends: for clients that read nothing else.
import type { IncomingMessage } from "node:http";
import type { CompleteResponse, ResponseSender } from "../../http/response.ts";
import { minutes, seconds } from "../../time.ts";
import { readsEventsAlone, serverSentEvents } from "./formats.ts";

/** How the answer of a subscription that does not open is sent to this client. */
export const refusalSender = (
  responses: ResponseSender,
  { headers: { accept } }: IncomingMessage,
): ResponseSender["send"] =>
  readsEventsAlone(accept)
    ? (request, response, refusal) => responses.send(request, response, eventsOf(refusal))
    : responses.send;

/** With 200: an EventSource and graphql-sse read no other. Its headers stay away, as they are of another status. */
const eventsOf = ({ status, headers, body }: CompleteResponse): CompleteResponse => {
  const refusal = serverSentEvents.next(body.trimEnd());
  return {
    status: 200,
    headers: ["Content-Type", serverSentEvents.contentType, "X-Accel-Buffering", "no"],
    body:
      status === 503
        ? `retry: ${waitOf(headers)}\n${refusal}`
        : // For a page that does not close its EventSource at `complete`: it would come back every three seconds.
          `retry: ${minutes(1)}\n${refusal}${serverSentEvents.complete}`,
  };
};

/** Spread, so that the clients of a full server do not come back all at once. */
const waitOf = (headers: CompleteResponse["headers"]): number => {
  const after = Number(headers[headers.indexOf("retry-after") + 1]) || 1;
  return Math.round(seconds(after * (1 + Math.random())));
};
