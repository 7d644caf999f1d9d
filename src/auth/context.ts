// What a resolver gets with every request.
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Database } from "../database/tables.ts";
import { type PromiseOrValue, whenKnown } from "../promise-or-value.ts";
import type { Services } from "./services.ts";
import type { Client, Exchange } from "./viewer/client.ts";
import type { Viewer } from "./viewer/viewer.ts";

export interface ContextParts {
  readonly services: Services;
  readonly requestId: string;
  readonly client: Client;
  readonly exchange: Exchange;
  /** The token that came in the header; the request would have been refused if it were not good. */
  readonly token: string | null;
  /** The viewer of the token, when one came: it decides, whatever cookie is there. */
  readonly tokenViewer: Viewer | null;
  /** Called once, as soon as it is known who is calling. */
  readonly onViewer: (viewer: Viewer) => void;
}

/** A class, because each request makes one: a shape that the engine knows costs a fraction of an object put together. */
export class Context {
  readonly services: Services;
  readonly requestId: string;
  readonly client: Client;
  readonly exchange: Exchange;
  readonly token: string | null;
  /** What an access token that came may reach; null without one. Known at once, so that an open field need not wait. */
  readonly scopes: readonly string[] | null;
  /** Whether somebody acts as another user. Known at once too: it takes a token. */
  readonly isImpersonation: boolean;
  private readonly onViewer: ContextParts["onViewer"];
  /** In one object: Apollo copies a context's own properties, and a copy must not ask a second time. */
  private readonly lazy: {
    em: EntityManager | undefined;
    viewer: PromiseOrValue<Viewer | null> | undefined;
    hasCharged: boolean;
  };

  constructor(parts: ContextParts) {
    this.services = parts.services;
    this.requestId = parts.requestId;
    this.client = parts.client;
    this.exchange = parts.exchange;
    this.token = parts.token;
    this.scopes = parts.tokenViewer?.accessToken?.scopes ?? null;
    this.isImpersonation = (parts.tokenViewer?.impersonatorId ?? null) !== null;
    this.onViewer = parts.onViewer;
    this.lazy = {
      em: undefined,
      viewer: parts.token === null ? undefined : parts.tokenViewer,
      hasCharged: false,
    };
    if (parts.tokenViewer) parts.onViewer(parts.tokenViewer);
  }

  /** For your own entities: a fresh identity map for this request, made when it is first asked for. */
  get em(): EntityManager {
    this.lazy.em ??= this.services.forkEntityManager();
    return this.lazy.em;
  }

  /** For your own queries: Kysely, which binds every value. */
  get database(): Database {
    return this.services.database;
  }

  /**
   * Resolved when a field first asks, and only once: a request that needs no viewer costs no query. A promise only while
   * the database is being asked: `await` takes both.
   */
  findViewer(): PromiseOrValue<Viewer | null> {
    if (this.lazy.viewer === undefined) this.lazy.viewer = this.findCookieViewer();
    return this.lazy.viewer;
  }

  /** True the first time: a request has one of the fields that cost much. */
  takeCharge(): boolean {
    const isFirst = !this.lazy.hasCharged;
    this.lazy.hasCharged = true;
    return isFirst;
  }

  /** For an open field that the caller with this token may not see as its user. */
  asAnonymous(): Context {
    const nobody = {
      findViewer: { value: () => null },
      token: { value: null },
      scopes: { value: null },
      isImpersonation: { value: false },
    };
    return Object.create(this, nobody) as Context;
  }

  private findCookieViewer(): PromiseOrValue<Viewer | null> {
    const cookie = this.services.sessionCookies.readCookie(this.exchange.request);
    if (cookie === undefined) return null;
    return whenKnown(this.services.viewers.find("cookie", cookie), (viewer) => {
      if (viewer) this.onViewer(viewer);
      this.lazy.viewer = viewer;
      return viewer;
    });
  }
}
