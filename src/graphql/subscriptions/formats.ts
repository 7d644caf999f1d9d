// The two formats of a stream: server-sent events, and the multipart responses of Apollo's subscription protocol.

export interface StreamFormat {
  readonly contentType: string;
  /** Sent first. */
  readonly opening: string;
  /** Means nothing. Sent while there are no events. */
  readonly beat: string;
  /** `result`: JSON. */
  next(result: string): string;
  /** No more events will come. */
  readonly complete: string;
  /** The last event: `errors` is a list in JSON. */
  fail(errors: string): string;
  /** The same, of a stream that the client may open again after so many milliseconds. */
  retry(errors: string, wait: number): string;
}

/**
 * The protocol of graphql-sse, in its distinct connections mode. Without the event `complete`, a
 * browser's EventSource and graphql-sse open the stream again by themselves.
 */
export const serverSentEvents: StreamFormat = {
  contentType: "text/event-stream; charset=utf-8",
  opening: ":\n\n",
  beat: ":\n\n",
  next: (result) => `event: next\ndata: ${result}\n\n`,
  // An EventSource dispatches no event without data; urql takes a space for some.
  complete: "event: complete\ndata:\n\n",
  fail: (errors) => `event: next\ndata: {"errors":${errors}}\n\n${serverSentEvents.complete}`,
  retry: (errors, wait) => `retry: ${wait}\nevent: next\ndata: {"errors":${errors}}\n\n`,
};

const boundary = "\r\n--graphql";
const part = (json: string): string => `\r\ncontent-type: application/json\r\n\r\n${json}${boundary}`;

/** https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol */
export const multipart: StreamFormat = {
  contentType: "multipart/mixed; boundary=graphql; subscriptionSpec=1.0",
  // A client sees a part when the next boundary is there: each part brings it along.
  opening: `${boundary}${part("{}")}`,
  beat: part("{}"),
  next: (result) => part(`{"payload":${result}}`),
  complete: "--\r\n",
  fail: (errors) => `${part(`{"payload":null,"errors":${errors}}`)}--\r\n`,
  retry: (errors) => multipart.fail(errors),
};

/** Null: the client accepts neither, and would wait for the end of a response that has none. */
export const findFormat = (accept: string | undefined): StreamFormat | null => {
  const found = rangesOf(accept).flatMap(({ type, parameters, quality }) => {
    // `multipart/mixed` alone is the format of other responses in parts.
    const isOurs = parameters.some((it) => it.startsWith("subscriptionspec="));
    const format =
      type === "text/event-stream"
        ? serverSentEvents
        : type === "multipart/mixed" && isOurs
          ? multipart
          : null;
    return format !== null && quality > 0 ? [{ format, quality }] : [];
  });
  // A stable sort: of two that a client likes as much, the first.
  return found.sort((left, right) => right.quality - left.quality)[0]?.format ?? null;
};

/**
 * An EventSource, graphql-sse and urql: they show their application nothing of a response that is no stream of events, or not
 * before they have tried for a minute.
 */
export const readsEventsAlone = (accept: string | undefined): boolean =>
  findFormat(accept) === serverSentEvents &&
  !rangesOf(accept).some(({ type, quality }) => quality > 0 && /^(application|\*)\/(\*|.*json)$/.test(type));

const rangesOf = (accept = "") =>
  accept.split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const quality = Number(parameters.find((it) => it.startsWith("q="))?.slice(2) ?? 1);
    return { type, parameters, quality };
  });
