// Opens the stream of a subscription, or refuses it: whatever it is sent by.
import { createSourceEventStream, type GraphQLSchema, getOperationAST } from "graphql";
import type { Logger } from "pino";
import type { FollowedViewer } from "../../auth/authentication/lookup.ts";
import type { Context } from "../../auth/context.ts";
import { networkOf } from "../../auth/viewer/network.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { nameOperation, recordOf } from "../../http/request/record.ts";
import type { FilteredStream } from "../../live/filtered-stream.ts";
import type { StreamEnding, StreamPlace } from "../../live/open-streams.ts";
import type { PromiseOrValue } from "../../promise-or-value.ts";
import { seconds } from "../../time.ts";
import type { KnownOperation } from "../fast-path.ts";
import type { RootFields } from "../root-fields.ts";
import type { StreamFormat } from "./formats.ts";
import { notAcceptable, refuseStream, retryStream, type StreamRefusal, tooManyStreams } from "./refusals.ts";
import { Stream, type StreamOutlet } from "./stream.ts";

/** What a stream is sent by: a response, or a WebSocket. */
export interface StreamDoor {
  /** Null: the client accepts none. */
  readonly format: StreamFormat | null;
  /** The stream will not open. */
  refuse(refusal: StreamRefusal): void;
  /** It opens. Null: the client has left meanwhile. */
  open(): StreamOutlet | null;
}

/**
 * Resolves when the stream is over, or refused: with its ending, if its credential or the server has ended it. Rejects with a
 * TableError when the whole request is refused.
 */
export type ServeSubscription = (
  known: KnownOperation,
  context: Context,
  door: StreamDoor,
) => Promise<StreamEnding | null>;

export const createSubscriptions =
  ({
    schema,
    logger,
    rootOf,
  }: {
    readonly schema: GraphQLSchema;
    readonly logger: Logger;
    readonly rootOf: RootFields["find"];
  }): ServeSubscription =>
  async (known, context, door) => {
    const { services } = context;
    const record = recordOf(context.exchange.request);
    const began = performance.now();
    const operation = getOperationAST(known.document, known.operationName);
    nameOperation(record, operation?.name?.value);
    if (operation) record.root = rootOf(known.document, operation);
    const { format } = door;
    if (format === null) throw notAcceptable();
    // Whose it is decides when it ends: also that of a public field.
    const viewer = await context.findViewer();
    const place = await reservePlace(context, viewer);
    try {
      const events = await inTime(createSourceEventStream({ schema, ...known, contextValue: context }));
      if ("errors" in events) {
        door.refuse(refuseStream(logger, context, events.errors ?? []));
        return null;
      }
      requireStream(events);
      const follow = followerOf(context, viewer);
      const stream = new Stream({ schema, logger, known, events, context, viewer, follow, format, place });
      place.take(stream);
      // Between the viewer's lookup and this line, nobody would have told the stream of a revocation.
      await stream.recheck();
      if (!services.live.isHearing()) stream.end("retry");
      if (stream.refusal !== null) {
        door.refuse(refuseStream(logger, context, [stream.refusal]));
        return stream.ending;
      }
      const outlet = door.open();
      if (outlet === null) {
        stream.leave();
        return null;
      }
      if (services.meter !== null) record.executed = performance.now() - began;
      stream.open(outlet);
      await stream.over;
      return stream.ending;
    } finally {
      place.leave();
    }
  };

/** What `subscribe` and `topicId` of an application may take. One that hangs would keep its place from all others. */
const longestOpening = seconds(10);

type Source = Awaited<ReturnType<typeof createSourceEventStream>>;

const inTime = async (opening: Source | Promise<Source>): Promise<Source> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(retryStream(seconds(5), "subscribe takes too long")), longestOpening);
  try {
    return await Promise.race([opening, tooLate]);
  } catch (error) {
    // It may come yet, and nobody will read it.
    void Promise.resolve(opening)
      .then(closeSource)
      .catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

const closeSource = async (source: Source): Promise<void> => {
  if (Symbol.asyncIterator in source) await source[Symbol.asyncIterator]().return?.();
};

const reservePlace = async ({ services, client }: Context, viewer: Viewer | null): Promise<StreamPlace> => {
  // Nobody would hear that a session has ended.
  if (!(await services.live.isReady())) throw retryStream(seconds(1), "revocations are not heard");
  const place = services.live.streams.reserve({
    credential: viewer?.sessionId ?? viewer?.accessToken?.id ?? `ip ${networkOf(client.ipAddress)}`,
    userId: viewer?.userId ?? null,
    impersonatorId: viewer?.impersonatorId ?? null,
  });
  if (place === "server") throw retryStream(seconds(5), "MAX_STREAMS");
  if (typeof place === "string") throw tooManyStreams(place);
  return place;
};

/** The credential of the request, asked again for each event. */
const followerOf = (
  { services, token, exchange }: Context,
  viewer: Viewer | null,
): (() => PromiseOrValue<FollowedViewer | null>) | null => {
  if (viewer === null) return null;
  if (token !== null) return services.viewers.follow("token", token);
  const cookie = services.sessionCookies.readCookie(exchange.request);
  if (cookie === undefined) throw new Error("The request has a viewer and no credential.");
  return services.viewers.follow("cookie", cookie);
};

/** graphql-js has checked it. Its type says otherwise. */
function requireStream(events: object): asserts events is FilteredStream<Context> {
  if (!(Symbol.asyncIterator in events)) throw new Error("createSourceEventStream() returned no stream.");
}
