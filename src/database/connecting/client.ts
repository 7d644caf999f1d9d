// The driver's client, which states what it relies on when it connects, and repeats a statement after a conflict.
import pg from "pg";
import { repeatOnConflict } from "./conflicts.ts";
import { beyondRequest } from "./patience.ts";
import { findPreparedName } from "./prepared-names.ts";

export interface ClientOptions extends pg.PoolConfig {
  /** In the startup packet, in addition to the user and the database. */
  readonly startup: Readonly<Record<string, string>>;
  /** Run once connected. */
  readonly onceConnected: string | null;
  /** Whether it keeps the plans of statements. */
  readonly keepsPlans: boolean;
}

type Connected = (error: Error | null, client?: pg.Client) => void;

/** A class because the driver's pool constructs its clients. */
export class Client extends pg.Client {
  readonly #options: ClientOptions;
  #keepsPlans: boolean;
  /** The driver's, which its types lack: as the server told it. */
  declare readonly processID: number | null;

  constructor(options?: string | pg.ClientConfig) {
    super(options);
    if (!isComplete(options)) throw new Error("A client needs the options of connection.ts.");
    this.#options = options;
    this.#keepsPlans = options.keepsPlans;
    // A query on a lost connection rejects by itself; without this listener, the event would also end the process. Here, because a
    // pool listens only after `connect()`, whose first statement comes after the connection: PostgreSQL may end it in between.
    this.on("error", () => undefined);
  }

  /** The driver's own adds PGOPTIONS and PGREPLICATION of the environment. */
  getStartupConf(): Record<string, string | undefined> {
    return { user: this.user, database: this.database, ...this.#options.startup };
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    const connected = this.#connect();
    if (callback === undefined) return connected;
    connected.then((client) => callback(null, client), callback);
    return undefined;
  }

  override query(...args: readonly unknown[]): never {
    const query = (...given: readonly unknown[]) =>
      (super.query as (...given: readonly unknown[]) => Promise<unknown>)(...given);
    if (!isStatement(args)) return query(...args) as never;
    const run = () => this.#runStatement(query, ...args);
    // PostgreSQL rolls back a failed statement as a whole, unless it belongs to a transaction, which ends then.
    return (this.getTransactionStatus() === "I" ? repeatOnConflict(run) : run()) as never;
  }

  async #connect(): Promise<pg.Client> {
    await super.connect();
    const { onceConnected } = this.#options;
    // The pool may have made this connection for another request than the one that runs here.
    if (onceConnected !== null) await beyondRequest(() => (this as pg.Client).query(onceConnected));
    return this;
  }

  #runStatement(
    query: (...given: readonly unknown[]) => Promise<unknown>,
    text: string,
    values: readonly unknown[],
  ): Promise<unknown> {
    const name = this.#keepsPlans ? findPreparedName(text) : null;
    if (name === null) return query(text, values);
    return query({ name, text, values }).catch((error: unknown) => {
      if (!isOutdatedPlan(error)) throw error;
      // A migration has changed what the statement returns. This connection would refuse it until its end.
      this.#keepsPlans = false;
      if (this.getTransactionStatus() !== "I") throw error;
      return query(text, values);
    });
  }
}

/** A list of values means that it is a single statement. */
const isStatement = (args: readonly unknown[]): args is readonly [text: string, values: readonly unknown[]] =>
  args.length === 2 && typeof args[0] === "string" && Array.isArray(args[1]);

const featureNotSupported = "0A000";

/** "cached plan must not change result type": PostgreSQL has no code for it alone. */
const isOutdatedPlan = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === featureNotSupported;

const isComplete = (options: string | pg.ClientConfig | undefined): options is ClientOptions =>
  typeof options === "object" && "startup" in options && "onceConnected" in options;
