// One open stream: authorises each event against the viewer as it is now, executes it, and ends with its credential.
import { type ExecutionResult, execute, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { admissionOf } from "../../auth/access/streams.ts";
import type { FollowedViewer } from "../../auth/authentication/lookup.ts";
import type { Context } from "../../auth/context.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { isDatabaseUnavailable } from "../../database/failures.ts";
import { describeForLog } from "../../error-log.ts";
import { internalServerError, TableError, unauthenticated } from "../../errors.ts";
import { errorBody } from "../../http/error-response.ts";
import type { FilteredStream } from "../../live/filtered-stream.ts";
import type { InTurn, OpenStream, StreamEnding, StreamPlace } from "../../live/open-streams.ts";
import { TooManyEvents } from "../../live/topics.ts";
import type { PromiseOrValue } from "../../promise-or-value.ts";
import { kibibytes } from "../../sizes.ts";
import { hours, seconds } from "../../time.ts";
import type { KnownOperation } from "../fast-path.ts";
import { concludeErrors, formatFieldErrors } from "../operation-errors.ts";
import type { StreamFormat } from "./formats.ts";
import { retryStream } from "./refusals.ts";

export interface StreamParts {
  readonly schema: GraphQLSchema;
  readonly logger: Logger;
  readonly known: KnownOperation;
  readonly events: FilteredStream<Context>;
  /** The one that opened it. */
  readonly context: Context;
  readonly viewer: Viewer | null;
  /** Null: nobody's. */
  readonly follow: (() => PromiseOrValue<FollowedViewer | null>) | null;
  readonly format: StreamFormat;
  readonly place: StreamPlace;
}

/** What the stream is written to: a response, or the part of a WebSocket that is its own. */
export interface StreamOutlet {
  /** Bytes that wait for the client. */
  readonly writableLength: number;
  write(text: string): unknown;
  /** Nothing more will be written. */
  end(): unknown;
  /** The client does not read. */
  destroy(): unknown;
  /** The client has left. */
  on(event: "close", listener: () => void): unknown;
}

/** A client that stays connected all day would stay on one server, and keep whatever has changed in a proxy. */
const lifetime = hours(1);
/** A reader that is slower than its events would fill the memory of the server. */
export const maxWaiting = kibibytes(1024);
/** A clock that jumps, and a credential that lives for years. */
const longestUnchecked = hours(1);

/** A class, because a server has thousands: objects of one fixed shape take less memory. */
export class Stream implements OpenStream {
  readonly endsAt = performance.now() + lifetime;
  checkAt = Number.POSITIVE_INFINITY;
  /** Settles when it is over. */
  readonly over: Promise<void>;
  readonly #parts: StreamParts;
  readonly #events: AsyncIterator<unknown>;
  #settle: () => void = () => undefined;
  /** Null until the head is sent. */
  #outlet: StreamOutlet | null = null;
  #isOver = false;
  /** Why it ended before it was opened. */
  #refusal: TableError | null = null;
  #ending: StreamEnding | null = null;
  #checking: Promise<void> | null = null;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#events = parts.events[Symbol.asyncIterator]();
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Null: it may be opened. */
  get refusal(): TableError | null {
    return this.#refusal;
  }

  /** Null: it goes on, has completed, or has ended with an error of its own. */
  get ending(): StreamEnding | null {
    return this.#ending;
  }

  /** The head has been sent. */
  open(outlet: StreamOutlet): void {
    this.#outlet = outlet;
    outlet.on("close", () => this.leave());
    this.#write(this.#parts.format.opening);
    void this.#run();
  }

  beat(): void {
    this.#write(this.#parts.format.beat);
  }

  async recheck(inTurn: InTurn = atOnce): Promise<void> {
    if (this.#isOver) return;
    const checking = inTurn(async () => {
      if (!this.#isOver) await this.#admit();
    });
    this.#checking = checking;
    await checking;
    if (this.#checking === checking) this.#checking = null;
  }

  end(ending: StreamEnding): void {
    if (ending === "retry") this.#retry();
    else this.#endUnauthenticated();
  }

  /** The client has. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.place.leave();
    // A stream of the application's own may wait for its next event for ever.
    void Promise.resolve(this.#events.return?.()).catch(() => undefined);
    this.#settle();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isOver) {
        const { value, done } = await this.#events.next();
        if (done) this.#finish(this.#parts.format.complete);
        else await this.#deliver(value);
      }
    } catch (error) {
      this.#failWith(error);
    }
  }

  async #deliver(payload: unknown): Promise<void> {
    const { schema, known, events } = this.#parts;
    const admitted = await this.#admit();
    if (admitted === null) return;
    const { context, forFilter } = admitted;
    if (events.accepts && !(await events.accepts(payload, forFilter))) return;
    const result = await execute({ schema, ...known, rootValue: payload, contextValue: context });
    const text = this.#textOf(result, context);
    // Each revocation that was heard meanwhile comes first, also while another is waited for.
    while (this.#checking !== null) await this.#checking;
    this.#write(this.#parts.format.next(text));
  }

  /** The viewer as it is now, in a context that has loaded nothing. Null: the stream has ended. */
  async #admit(): Promise<{ readonly context: Context; readonly forFilter: Context } | null> {
    const { follow, viewer, context, events } = this.#parts;
    try {
      const followed = follow === null ? null : await follow();
      if (this.#isOver) return null;
      if (follow !== null) {
        if (followed === null) return this.#endUnauthenticated();
        // Other roles, or another session behind the same cookie: whatever depends on them is decided by a new request.
        if (viewer === null || !isUnchanged(viewer, followed.viewer)) return this.#retry();
        this.checkAt = performance.now() + Math.min(followed.left, longestUnchecked);
      }
      const later = context.forEvent(followed?.viewer ?? null);
      return { context: later, forFilter: await admissionOf(events)(later) };
    } catch (error) {
      return this.#failWith(error);
    }
  }

  #textOf({ data, errors }: ExecutionResult, context: Context): string {
    if (errors === undefined) return JSON.stringify({ data });
    const { formatted, http } = formatFieldErrors(errors);
    const concluded = concludeErrors(this.#parts.logger, context, { formatted, raw: errors }, http);
    return JSON.stringify({ errors: concluded, data });
  }

  #failWith(error: unknown): null {
    const { logger, context } = this.#parts;
    if (error instanceof TableError) return this.#fail(error);
    if (error instanceof TooManyEvents || isDatabaseUnavailable(error)) return this.#retry();
    logger.error({ requestId: context.requestId, error: describeForLog(error) }, "stream failed");
    return this.#fail(internalServerError(context.requestId));
  }

  #endUnauthenticated(): null {
    this.#ending ??= "unauthenticated";
    return this.#fail(unauthenticated());
  }

  #fail(error: TableError): null {
    this.#refusal ??= error;
    return this.#finish(this.#parts.format.fail(errorsOf(error)));
  }

  #retry(): null {
    this.#ending ??= "retry";
    // The clients of a server that stops must not come back all at once.
    const wait = Math.round(seconds(1 + 4 * Math.random()));
    const error = retryStream(wait, "ended before it was open");
    this.#refusal ??= error;
    return this.#finish(this.#parts.format.retry(errorsOf(error), wait));
  }

  #finish(text: string): null {
    if (this.#isOver) return null;
    this.#write(text);
    this.#outlet?.end();
    this.leave();
    return null;
  }

  #write(text: string): void {
    if (this.#isOver || this.#outlet === null) return;
    if (this.#outlet.writableLength + text.length > maxWaiting) {
      this.#outlet.destroy();
      this.leave();
    } else this.#outlet.write(text);
  }
}

const atOnce: InTurn = (work) => work();

const errorsOf = (error: TableError): string => JSON.stringify(errorBody(error).errors);

const isUnchanged = (before: Viewer, now: Viewer): boolean =>
  before === now ||
  (before.userId === now.userId &&
    before.sessionId === now.sessionId &&
    before.accessToken?.id === now.accessToken?.id &&
    before.impersonatorId === now.impersonatorId &&
    before.roles.join() === now.roles.join() &&
    before.permissions.join() === now.permissions.join());
