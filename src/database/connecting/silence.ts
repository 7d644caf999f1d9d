// Connections that notice when the database is silent: a dead one is destroyed, and while all are silent, statements fail at once.
import pg from "pg";
import { milliseconds } from "../../time.ts";
import { beginStatement } from "../../tracing/statements.ts";
import { Client } from "./client.ts";
import { countWait, findTimeLeft, longestReply, outOfTime } from "./patience.ts";

const probeEvery = milliseconds(500);

type Connected = (error: Error | null) => void;

/** One class for each pool, because what one connection learns about the database is true for the others. */
export function createClientClass(): typeof Client {
  const clients = new Set<SilenceNoticingClient>();
  let heardAt = performance.now();
  let isSilent = false;
  let isProbing = false;
  let probedAt = Number.NEGATIVE_INFINITY;

  /** A statement or a connection attempt that began at `start` got no reply. */
  const noticeSilence = (start: number): void => {
    isSilent = heardAt < start;
    // A firewall that forgot one connection has forgotten others: each would cost one more request its whole timeout.
    for (const client of clients) client.destroyIfSilentSince(start);
  };

  class SilenceNoticingClient extends Client {
    #heardAt = performance.now();
    #running = 0;

    override connect(): Promise<pg.Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      if (callback === undefined) return super.connect();
      const start = performance.now();
      if (isSilent && (isProbing || start - probedAt < probeEvery)) {
        process.nextTick(callback, new Error("Connection terminated: the database is silent."));
        return;
      }
      const isProbe = isSilent;
      if (isProbe) isProbing = true;
      this.once("end", () => clients.delete(this));
      super.connect((error: Error | null) => {
        if (isProbe) isProbing = false;
        probedAt = performance.now();
        if (error === null || error === undefined) {
          clients.add(this);
          this.#hear();
        } else if (!isReply(error) && probedAt - start >= probeEvery) noticeSilence(start);
        callback(error);
      });
    }

    override query(...args: readonly unknown[]): never {
      const left = findTimeLeft();
      // The pool hands the connection to the next request: the transaction must be over.
      if (left <= 0 && !isRollback(args)) return Promise.reject(outOfTime()) as never;
      const start = performance.now();
      const statement = beginStatement(args[0]);
      const result = (super.query as (...args: readonly unknown[]) => unknown)(...args);
      // Only the form with a callback, which returns nothing. A pool that uses it destroys the connection itself.
      if (!(result instanceof Promise)) return result as never;
      this.#running += 1;
      // Slow, but not silent: the other connections stay.
      const late = left > 0 && left < longestReply ? setTimeout(() => this.#destroy(), left) : undefined;
      return countWait(result).then(
        (value: unknown) => {
          clearTimeout(late);
          this.#running -= 1;
          this.#hear();
          statement?.end();
          return value;
        },
        (error: unknown) => {
          clearTimeout(late);
          this.#running -= 1;
          statement?.end(error);
          if (isReply(error)) this.#hear();
          else if (isTimeout(error)) {
            // pg keeps the statement, and the pool would hand the connection to the next request.
            this.#destroy();
            noticeSilence(start);
          }
          throw error;
        },
      ) as never;
    }

    destroyIfSilentSince(start: number): void {
      if (this.#running > 0 || this.#heardAt >= start) return;
      // The pool listens for errors of its idle connections, and forgets them. Without a listener, the error would end the process.
      if (this.listenerCount("error") > 0) this.emit("error", new Error("Connection terminated: no reply."));
      this.#destroy();
    }

    #hear(): void {
      this.#heardAt = performance.now();
      heardAt = this.#heardAt;
      isSilent = false;
    }

    #destroy(): void {
      clients.delete(this);
      destroyClient(this);
    }
  }
  return SilenceNoticingClient;
}

/** `end()` alone waits for the other end, which may never reply. */
export function destroyClient(client: pg.Client): void {
  void client.end().catch(() => undefined);
  client.connection.stream.destroy();
}

const isReply = (error: unknown): boolean => error instanceof pg.DatabaseError;

const isRollback = ([text]: readonly unknown[]): boolean =>
  typeof text === "string" && /^rollback\b/i.test(text);

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === "Query read timeout";
