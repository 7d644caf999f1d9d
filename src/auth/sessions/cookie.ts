// The browser's session cookie. The only file that knows express-session and `request.session`.
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { parseCookie, stringifySetCookie } from "cookie";
import type { Request, Response } from "express";
import session from "express-session";
import type { Database } from "../../database/tables.ts";
import type { FindSecret } from "../secrets/presented-credential.ts";
import { randomSecret } from "../secrets/secret.ts";
import type { Exchange } from "../viewer/client.ts";
import { SessionEnded, SessionStore } from "./store.ts";

export interface SessionCookies {
  /** The cookie that came, as it came, whoever made it. */
  findValue(request: IncomingMessage): string | undefined;
  /** The secret of the cookie that came, if our signature is on it. No query. */
  findSecret(request: IncomingMessage): string | null;
  /**
   * Gives the browser a new session. `insert` writes the row of the new secret, or returns null to refuse: then no cookie
   * is sent, and null returned; so it is when the session was ended at the same moment. `life` in milliseconds.
   */
  begin: Begin;
  /** As `begin`, for the session that the cookie of the request belongs to: `insert` gives its row the new secret. */
  renew: Begin;
  /** Tells the browser to forget the cookie. */
  clear(exchange: Exchange): void;
}

type Begin = <Row>(
  exchange: Exchange,
  life: number,
  insert: (secret: string) => Promise<Row | null>,
) => Promise<Row | null>;

export const createSessionCookies = (options: {
  readonly database: Database;
  /** The first signs, all verify. */
  readonly secrets: readonly string[];
  readonly findSecret: FindSecret;
  readonly secure: boolean;
  /** Told of the user whose session a new one has replaced. */
  readonly onEnded: (userId: string) => void;
}): SessionCookies => {
  // `__Host-`: no sibling subdomain can plant a cookie of this name. Browsers accept it on https only.
  const name = options.secure ? "__Host-graphward" : "graphward";
  const attributes = { httpOnly: true, sameSite: "lax", path: "/", secure: options.secure } as const;
  const runMiddleware = promisify(
    session({
      name,
      secret: [...options.secrets],
      genid: randomSecret,
      store: new SessionStore(options.database, attributes, options.onEnded),
      cookie: attributes,
      // No row and no cookie before a login, and none written back by a request that only read.
      resave: false,
      saveUninitialized: false,
    }) as unknown as (
      request: IncomingMessage,
      response: ServerResponse,
      next: (error?: unknown) => void,
    ) => void,
  );

  const findSecret = (request: IncomingMessage): string | null => {
    const value = findCookie(request, name);
    return value === undefined ? null : options.findSecret("cookie", value);
  };

  const open = async (exchange: Exchange): Promise<Request> => {
    const { request } = openWith(exchange, options.secure);
    await runMiddleware(exchange.request, exchange.response);
    return request;
  };

  const send = async <Row>(
    request: Request,
    life: number,
    insert: (secret: string) => Promise<Row | null>,
  ): Promise<Row | null> => {
    let row = null;
    try {
      row = await insert(request.sessionID);
      if (row === null) return null;
      request.session.cookie.maxAge = life;
      // Awaited: the save that express-session does by itself answers 200 with a cookie even when it fails.
      await new Promise<void>((resolve, reject) =>
        request.session.save((error) => (error ? reject(error) : resolve())),
      );
      return row;
    } catch (error) {
      row = null;
      if (error instanceof SessionEnded) return null;
      throw error;
    } finally {
      if (row === null) forget(request);
    }
  };

  return {
    findValue: (request) => findCookie(request, name),

    findSecret,

    async begin(exchange, life, insert) {
      const request = await open(exchange);
      // Fixation: whoever planted the id that came with this request must not share the session that begins. The old
      // session ends here. When none came there is none to end, and no query for it.
      if (findSecret(request) === null) request.sessionStore.generate(request);
      else
        await new Promise<void>((resolve, reject) =>
          request.session.regenerate((error) => (error ? reject(error) : resolve())),
        );
      return send(request, life, insert);
    },

    async renew(exchange, life, insert) {
      const request = await open(exchange);
      request.sessionStore.generate(request);
      return send(request, life, insert);
    },

    clear({ request, response }) {
      if (findCookie(request, name) === undefined) return;
      response.appendHeader("set-cookie", stringifySetCookie({ name, value: "", ...attributes, maxAge: 0 }));
    },
  };
};

const findCookie = (request: IncomingMessage, name: string): string | undefined =>
  request.headers.cookie === undefined
    ? undefined
    : parseCookie(request.headers.cookie, { decode: asItCame })[name];

/** Decoding is left to whoever verifies the value: one that is remembered needs neither. */
const asItCame = (value: string): string => value;

/**
 * express-session sends no Secure cookie when the hop before us spoke http. PUBLIC_URL decides what browsers speak, so
 * it is told so here.
 */
const openWith = ({ request, response }: Exchange, secure: boolean) => {
  Object.defineProperty(request, "secure", { value: secure, configurable: true });
  return { request: request as Request, response: response as Response };
};

/** Without a session on the request, express-session sends no cookie. */
const forget = (request: Request): void => {
  Reflect.deleteProperty(request, "session");
};
