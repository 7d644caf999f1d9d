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

export const createContext = ({
  forkEntityManager,
  tokenViewer,
  onViewer,
  ...parts
}: ContextParts): Context => {
  let em: EntityManager | undefined;
  let viewer: Promise<Viewer | null> | undefined;
  if (tokenViewer) onViewer(tokenViewer);
  // On the prototype, because Apollo copies a context's own properties, and would read this one for every request.
  const lazy = {
    get em() {
      em ??= forkEntityManager();
      return em;
    },
  };
  return Object.assign(Object.create(lazy) as typeof lazy, parts, {
    findViewer() {
      viewer ??=
        parts.token === null ? findCookieViewer({ ...parts, onViewer }) : Promise.resolve(tokenViewer);
      return viewer;
    },
  });
};

const findCookieViewer = async ({
  cookies,
  exchange,
  viewers,
  onViewer,
}: Pick<ContextParts, "cookies" | "exchange" | "viewers" | "onViewer">): Promise<Viewer | null> => {
  const secret = cookies.findSecret(exchange.request);
  const viewer = secret === null ? null : await viewers.find("cookie", secret);
  if (viewer) onViewer(viewer);
  return viewer;
};
