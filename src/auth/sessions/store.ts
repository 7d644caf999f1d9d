// The store that express-session works on: it confirms session rows, and never makes, reads or ends one.
import session from "express-session";
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { digest } from "../secrets/secret.ts";

type Done = (error?: unknown) => void;

/** The session was ended since it started: there is nothing to save. */
export class SessionEnded extends Error {}

export class SessionStore extends session.Store {
  readonly #database: Database;
  readonly #confirmed = new WeakSet<session.SessionData>();

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  /** Nothing, so that every login gets a new id: viewers are found by `authentication/lookup.ts`, not by `request.session`. */
  override get(_id: string, done: (error: unknown, data?: session.SessionData | null) => void): void {
    done(null, null);
  }

  /**
   * An error when no row was updated: to insert one here would bring back a session that has ended meanwhile. Once: when the
   * response ends, express-session saves again what we have saved and waited for.
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
