// The store for express-session: it keeps nothing, because the rows of sessions are inserted, read and ended elsewhere.
import session from "express-session";

type Done = (error?: unknown) => void;

export class SessionStore extends session.Store {
  /** Finds nothing, so that every login gets a new id: `authentication/lookup.ts` finds viewers, not `request.session`. */
  override get(_id: string, done: (error: unknown, data?: session.SessionData | null) => void): void {
    done(null, null);
  }

  /** `start.ts` has inserted the row before the cookie is set: one written here could bring back a session that has ended meanwhile. */
  override set(_id: string, _data: session.SessionData, done: Done = ignore): void {
    done();
  }

  override destroy(_id: string, done: Done = ignore): void {
    done(new Error("Sessions are ended by src/auth/sessions/ends.ts, never by express-session."));
  }
}

const ignore = (): void => undefined;
