// What a resolver gets with every request.
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Database } from "../database/tables.ts";
import type { Exchange, SessionCookies } from "./session-cookie.ts";
import type { Client } from "./sessions.ts";
import type { Viewer } from "./viewer.ts";
import type { ViewerLookup } from "./viewer-lookup.ts";

export interface Context {
  readonly requestId: string;
  /** For your own entities: a fresh identity map for this request. */
  readonly em: EntityManager;
  /** For the rules of `src/auth`. */
  readonly database: Database;
  readonly viewers: ViewerLookup;
  readonly client: Client;
  readonly cookies: SessionCookies;
  readonly exchange: Exchange;
  /** The token that came in the header; the request would have been refused if it were not good. */
  readonly token: string | null;
  /** Resolved when a field first asks, and only once: a request that needs no viewer costs no query. */
  findViewer(): Promise<Viewer | null>;
}

export interface ContextParts {
  readonly requestId: string;
  readonly forkEntityManager: () => EntityManager;
  readonly database: Database;
  readonly viewers: ViewerLookup;
  readonly client: Client;
  readonly cookies: SessionCookies;
  readonly exchange: Exchange;
  readonly token: string | null;
  /** Of the token, when one came: it decides, whatever cookie is there. */
  readonly tokenViewer: Viewer | null;
  /** Told once, as soon as it is known who is calling. */
  readonly onViewer: (viewer: Viewer) => void;
}

export const createContext = (parts: ContextParts): Context => new RequestContext(parts);

/** A class, because a request makes one: a shape that the engine knows costs a fraction of an object put together. */
class RequestContext implements Context {
  readonly requestId: string;
  readonly database: Database;
  readonly viewers: ViewerLookup;
  readonly client: Client;
  readonly cookies: SessionCookies;
  readonly exchange: Exchange;
  readonly token: string | null;
  /** In one object: Apollo copies a context's own properties, and a copy must not ask a second time. */
  readonly lazy: { em: EntityManager | undefined; viewer: Promise<Viewer | null> | undefined };
  readonly forkEntityManager: () => EntityManager;
  readonly onViewer: (viewer: Viewer) => void;

  constructor(parts: ContextParts) {
    this.requestId = parts.requestId;
    this.database = parts.database;
    this.viewers = parts.viewers;
    this.client = parts.client;
    this.cookies = parts.cookies;
    this.exchange = parts.exchange;
    this.token = parts.token;
    this.forkEntityManager = parts.forkEntityManager;
    this.onViewer = parts.onViewer;
    const viewer = parts.token === null ? undefined : Promise.resolve(parts.tokenViewer);
    this.lazy = { em: undefined, viewer };
    if (parts.tokenViewer) parts.onViewer(parts.tokenViewer);
  }

  get em(): EntityManager {
    this.lazy.em ??= this.forkEntityManager();
    return this.lazy.em;
  }

  findViewer(): Promise<Viewer | null> {
    this.lazy.viewer ??= this.findCookieViewer();
    return this.lazy.viewer;
  }

  private async findCookieViewer(): Promise<Viewer | null> {
    const secret = this.cookies.findSecret(this.exchange.request);
    const viewer = secret === null ? null : await this.viewers.find("cookie", secret);
    if (viewer) this.onViewer(viewer);
    return viewer;
  }
}
