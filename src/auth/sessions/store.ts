// The store that express-session works on: our session rows, which it may read, confirm and delete, but never make.
import session from "express-session";
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { digest } from "../secrets/secret.ts";
import { noClient } from "../viewer/client.ts";
import { endSessionsOf } from "./ends.ts";
import { whereAlive } from "./rows.ts";

type Done = (error?: unknown) => void;

/** Somebody has ended the session since it began: there is nothing to save. */
export class SessionEnded extends Error {}

export class SessionStore extends session.Store {
  readonly #database: Database;
  readonly #cookie: session.Cookie;
  readonly #onEnded: (userId: string) => void;
  readonly #confirmed = new WeakSet<session.SessionData>();

  constructor(database: Database, cookie: session.CookieOptions, onEnded: (userId: string) => void) {
    super();
    this.#database = database;
    this.#onEnded = onEnded;
    this.#cookie = { originalMaxAge: null, ...cookie };
  }

  override get(id: string, done: (error: unknown, data?: session.SessionData | null) => void): void {
    whereAlive(this.#database.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id"))
      .where("sessions.cookie_digest", "=", digest(id))
      .select("sessions.id")
      .executeTakeFirst()
      .then(
        (found) => done(null, found && { cookie: this.#cookie }),
        (error: unknown) => done(error),
      );
  }

  /**
   * An error when no row was updated: to insert one here would bring back a session that has ended meanwhile. Once: when the
   * answer ends, express-session saves again what we have saved and waited for.
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

  override destroy(id: string, done: Done = ignore): void {
    endSessionsOf(this.#database, { cookieSecret: id, token: null }, replaced)
      .then((userIds) => {
        for (const userId of userIds) this.#onEnded(userId);
        done();
      })
      .catch(done);
  }
}

/** express-session destroys a session only when a login takes its place. */
const replaced = {
  type: AuditEventType.SESSION_REVOKED,
  actorId: null,
  client: noClient,
  details: { reason: "REPLACED" },
} as const;

const ignore = (): void => undefined;
