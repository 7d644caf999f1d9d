// The context of a request, as resolvers see it.
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Logger } from "pino";
import type { Database } from "../database/tables.ts";
import { type PromiseOrValue, whenKnown } from "../promise-or-value.ts";
import type { Services } from "./services.ts";
import { createShownUsers, type FindShownUser } from "./users/shown-user.ts";
import type { Client, Exchange } from "./viewer/client.ts";
import type { Viewer } from "./viewer/viewer.ts";

export interface ContextParts {
  readonly services: Services;
  readonly requestId: string;
  readonly client: Client;
  readonly exchange: Exchange;
  /** The token from the Authorization header; the request is refused if it is not valid. */
  readonly token: string | null;
  /** The token's viewer. When a token is sent, it decides, whatever the cookie says. */
  readonly tokenViewer: Viewer | null;
  /** Called once, as soon as the viewer is known. */
  readonly onViewer: (viewer: Viewer) => void;
  /** Called when a login names a user, whether it succeeds or not. */
  readonly onLogin: (userId: string) => void;
  /** Null: the application adds nothing. */
  readonly extend: ExtendContext | null;
}

/** Returns what an application adds to the context of a request, such as data loaders. */
export type ExtendContext = (context: Context) => object;

/** A class, because every request creates one: objects of one fixed shape are much cheaper. */
export class Context {
  readonly services: Services;
  readonly requestId: string;
  readonly client: Client;
  readonly exchange: Exchange;
  readonly token: string | null;
  /** The scopes of the access token; null without one. Known from the start, so that a public field need not wait. */
  readonly scopes: readonly string[] | null;
  /** Whether an impersonator is acting. Known from the start too, because it requires a token. */
  readonly isImpersonation: boolean;
  readonly onLogin: ContextParts["onLogin"];
  private readonly onViewer: ContextParts["onViewer"];
  private readonly extend: ContextParts["extend"];
  /** In one object: Apollo copies a context's own properties, and the copy must not look the viewer up a second time. */
  private readonly lazy: {
    em: EntityManager | undefined;
    log: Logger | undefined;
    viewer: PromiseOrValue<Viewer | null> | undefined;
    anonymous: Context | undefined;
    /** The names that the application has added. */
    added: readonly string[];
    hasCharged: boolean;
    findShownUser: FindShownUser | undefined;
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
    this.onLogin = parts.onLogin;
    this.extend = parts.extend;
    this.lazy = {
      em: undefined,
      log: undefined,
      viewer: parts.token === null ? undefined : parts.tokenViewer,
      anonymous: undefined,
      added: [],
      hasCharged: false,
      findShownUser: undefined,
    };
    if (parts.tokenViewer) parts.onViewer(parts.tokenViewer);
    if (parts.extend !== null) {
      const added = requireNewNames(this, parts.extend(this));
      this.lazy.added = Object.keys(added);
      Object.assign(this, added);
    }
  }

  /** For your own entities: a new identity map for each request, created on first access. */
  get em(): EntityManager {
    this.lazy.em ??= this.services.forkEntityManager();
    return this.lazy.em;
  }

  /** For your own queries: Kysely, which binds every value. */
  get database(): Database {
    return this.services.database;
  }

  /** Each line has the request's id. Write no secret: nothing removes it. */
  get log(): Logger {
    this.lazy.log ??= this.services.logger.child({ requestId: this.requestId });
    return this.lazy.log;
  }

  /** The values of the application's own settings. */
  get settings(): Readonly<Record<string, unknown>> {
    return this.services.settings;
  }

  /**
   * Looks the viewer up when a field first asks, and only once: a request that needs no viewer runs no query. Returns a promise
   * only while the database is being queried: `await` takes both.
   */
  findViewer(): PromiseOrValue<Viewer | null> {
    if (this.lazy.viewer === undefined) this.lazy.viewer = this.findCookieViewer();
    return this.lazy.viewer;
  }

  /** For the fields of a user whose row lacks them. Asks for all of one moment in one statement. */
  findShownUser(id: string): ReturnType<FindShownUser> {
    this.lazy.findShownUser ??= createShownUsers(this.database);
    return this.lazy.findShownUser(id);
  }

  /** Returns true the first time only: a request may contain one expensive field. */
  takeCharge(): boolean {
    const isFirst = !this.lazy.hasCharged;
    this.lazy.hasCharged = true;
    return isFirst;
  }

  /** Without a query: null also while nobody has asked for the viewer. */
  findKnownUserId(): string | null {
    const { viewer } = this.lazy;
    return viewer === undefined || viewer === null || viewer instanceof Promise ? null : viewer.userId;
  }

  /** For one event of a subscription: nothing that an earlier one has loaded is seen again. */
  forEvent(viewer: Viewer | null): Context {
    const { services, requestId, client, exchange, token, onLogin, extend } = this;
    const tokenViewer = token === null ? null : viewer;
    const parts = { services, requestId, client, exchange, token, tokenViewer, onLogin, extend };
    const context = new Context({ ...parts, onViewer: () => undefined });
    context.lazy.viewer = viewer;
    return context;
  }

  /** For a public field that this token may not use as its user. */
  asAnonymous(): Context {
    // One for all fields of the request, so that its data loaders batch.
    this.lazy.anonymous ??= this.makeAnonymous();
    return this.lazy.anonymous;
  }

  private makeAnonymous(): Context {
    const nobody = {
      findViewer: { value: () => null },
      findKnownUserId: { value: () => null },
      token: { value: null },
      scopes: { value: null },
      isImpersonation: { value: false },
    };
    // Made again: a data loader of the first ones would still read as the user, also one that nobody gets.
    const gone = this.lazy.added.map((name) => [
      name,
      { value: undefined, writable: true, enumerable: true },
    ]);
    const anonymous = Object.create(this, { ...nobody, ...Object.fromEntries(gone) }) as Context;
    return this.extend === null ? anonymous : Object.assign(anonymous, this.extend(anonymous));
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

/** A name of ours, such as `findViewer`, must not change its meaning. */
const requireNewNames = (context: Context, added: object): object => {
  const taken = Object.keys(added).find((name) => name in context);
  if (taken === undefined) return added;
  throw new Error(`The application's context has the name ${taken}, which Graphward's context has already.`);
};
