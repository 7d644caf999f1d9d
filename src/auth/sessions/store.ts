// The store for express-session: it confirms session rows, and never creates, reads or ends one.
import session from "express-session";
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { digest } from "../secrets/secret.ts";

type Done = (error?: unknown) => void;

/** The session has ended since it started, so nothing is saved. */
export class SessionEnded extends Error {}

export class SessionStore extends session.Store {
  readonly #database: Database;
  readonly #confirmed = new WeakSet<session.SessionData>();

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  /** Finds nothing, so that every login gets a new id: `authentication/lookup.ts` finds viewers, not `request.session`. */
  override get(_id: string, done: (error: unknown, data?: session.SessionData | null) => void): void {
    done(null, null);
  }

  /**
   * Fails when no row was updated: an insert would bring back a session that has ended meanwhile. Writes only once, because
   * express-session saves again when the response ends.
   */
  override set(id: string, data: session.SessionData, done: Done = ignore): void {
    if (this.#confirmed.has(data)) done();
    else this.#confirm(id, data, done);
  }

  #confirm(id: string, data: session.SessionData, done: Done): void {
    this.#database
      .updateTable("sessions")
      .set({ last_used_at: sql<Date>`now()` })
      .where("cookie_digest", "=", digest(id))
      .executeTakeFirst()
      .then(({ numUpdatedRows }) => {
        if (numUpdatedRows !== 1n) return done(new SessionEnded());
        this.#confirmed.add(data);
        done();
      }, done);
  }

  override destroy(_id: string, done: Done = ignore): void {
    done(new Error("Sessions are ended by src/auth/sessions/ends.ts, never by express-session."));
  }
}

const ignore = (): void => undefined;
