// What a resolver gets with every request.
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Database } from "../database/tables.ts";
import { type Eventual, whenKnown } from "../promise-or-value.ts";
import type { AccountSettings } from "./account-settings.ts";
import type { Refusals } from "./audit/refusals.ts";
import type { ViewerLookup } from "./authentication/lookup.ts";
import type { DeviceCookies } from "./browsers/trusted-browser.ts";
import type { PasswordAttempts } from "./limits/password-attempts.ts";
import type { RateLimits } from "./limits/rate-limits.ts";
import type { SessionCookies } from "./sessions/cookie.ts";
import type { Client, Exchange } from "./viewer/client.ts";
import type { Viewer } from "./viewer/viewer.ts";

export interface ContextParts {
  readonly requestId: string;
  readonly forkEntityManager: () => EntityManager;
  /** For the rules of `src/auth`. */
  readonly database: Database;
  readonly viewers: ViewerLookup;
  readonly client: Client;
  readonly refusals: Refusals;
  readonly accounts: AccountSettings;
  readonly limits: RateLimits;
  readonly attempts: PasswordAttempts;
  readonly devices: DeviceCookies;
  readonly cookies: SessionCookies;
  readonly exchange: Exchange;
  /** The token that came in the header; the request would have been refused if it were not good. */
  readonly token: string | null;
  /** Of the token, when one came: it decides, whatever cookie is there. */
  readonly tokenViewer: Viewer | null;
  /** Told once, as soon as it is known who is calling. */
  readonly onViewer: (viewer: Viewer) => void;
}

/** A class, because each request makes one: a shape that the engine knows costs a fraction of an object put together. */
export class Context {
  readonly requestId: ContextParts["requestId"];
  readonly database: ContextParts["database"];
  readonly viewers: ContextParts["viewers"];
  readonly client: ContextParts["client"];
  readonly refusals: ContextParts["refusals"];
  readonly accounts: ContextParts["accounts"];
  readonly limits: ContextParts["limits"];
  readonly attempts: ContextParts["attempts"];
  readonly devices: ContextParts["devices"];
  readonly cookies: ContextParts["cookies"];
  readonly exchange: ContextParts["exchange"];
  readonly token: ContextParts["token"];
  /** What an access token that came may reach; null without one. Known at once, so that an open field need not wait. */
  readonly scopes: readonly string[] | null;
  /** Whether somebody acts as another user. Known at once too: it takes a token. */
  readonly isImpersonation: boolean;
  private readonly forkEntityManager: ContextParts["forkEntityManager"];
  private readonly onViewer: ContextParts["onViewer"];
  /** In one object: Apollo copies a context's own properties, and a copy must not ask a second time. */
  private readonly lazy: {
    em: EntityManager | undefined;
    viewer: Eventual<Viewer | null> | undefined;
    hasCharged: boolean;
  };

  constructor(parts: ContextParts) {
    this.requestId = parts.requestId;
    this.database = parts.database;
    this.viewers = parts.viewers;
    this.client = parts.client;
    this.refusals = parts.refusals;
    this.accounts = parts.accounts;
    this.limits = parts.limits;
    this.attempts = parts.attempts;
    this.devices = parts.devices;
    this.cookies = parts.cookies;
    this.exchange = parts.exchange;
    this.token = parts.token;
    this.scopes = parts.tokenViewer?.accessToken?.scopes ?? null;
    this.isImpersonation = (parts.tokenViewer?.impersonatorId ?? null) !== null;
    this.forkEntityManager = parts.forkEntityManager;
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
    this.lazy.em ??= this.forkEntityManager();
    return this.lazy.em;
  }

  /**
   * Resolved when a field first asks, and only once: a request that needs no viewer costs no query. A promise only while
   * the database is being asked: `await` takes both.
   */
  findViewer(): Eventual<Viewer | null> {
    if (this.lazy.viewer === undefined) this.lazy.viewer = this.findCookieViewer();
    return this.lazy.viewer;
  }

  /** True the first time: of the fields that cost much, a request has one. */
  takeCharge(): boolean {
    const isFirst = !this.lazy.hasCharged;
    this.lazy.hasCharged = true;
    return isFirst;
  }

  /** For an open field that whoever came with the token may not see as its user. */
  asAnonymous(): Context {
    const nobody = {
      findViewer: { value: () => null },
      token: { value: null },
      scopes: { value: null },
      isImpersonation: { value: false },
    };
    return Object.create(this, nobody) as Context;
  }

  private findCookieViewer(): Eventual<Viewer | null> {
    const cookie = this.cookies.findValue(this.exchange.request);
    if (cookie === undefined) return null;
    return whenKnown(this.viewers.find("cookie", cookie), (viewer) => {
      if (viewer) this.onViewer(viewer);
      this.lazy.viewer = viewer;
      return viewer;
    });
  }
}
