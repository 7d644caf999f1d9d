// The browser's session cookie. The only file that knows express-session and `request.session`.
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { parseCookie, stringifySetCookie } from "cookie";
import type { Request } from "express";
import session from "express-session";
import type { Database } from "../../database/tables.ts";
import type { FindSecret } from "../secrets/presented-credential.ts";
import { randomSecret } from "../secrets/secret.ts";
import type { Exchange } from "../viewer/client.ts";
import { SessionEnded, SessionStore } from "./store.ts";

export interface SessionCookies {
  /** The cookie as it came, whoever made it. */
  readCookie(request: IncomingMessage): string | undefined;
  /** The secret of the cookie that came, if our signature is on it. No query. */
  findSecret(request: IncomingMessage): string | null;
  /**
   * Gives the browser the cookie of a session whose row is there. `lifetime` in milliseconds. False when the session was ended at
   * the same moment: then no cookie is sent.
   */
  setCookie(exchange: Exchange, secret: string, lifetime: number): Promise<boolean>;
  /** Makes the browser forget the cookie. */
  clearCookie(exchange: Exchange): void;
}

export function createSessionCookies(options: {
  readonly database: Database;
  /** The first signs, all verify. */
  readonly secrets: readonly string[];
  readonly findSecret: FindSecret;
  readonly secure: boolean;
}): SessionCookies {
  // `__Host-`: no sibling subdomain can plant a cookie of this name. Browsers accept it on https only.
  const name = options.secure ? "__Host-graphward" : "graphward";
  const attributes = { httpOnly: true, sameSite: "lax", path: "/", secure: options.secure } as const;
  const newSecrets = new WeakMap<IncomingMessage, string>();
  const runMiddleware = promisify(
    session({
      name,
      secret: [...options.secrets],
      // Fixation: never an id that came with the request, which an attacker may have planted.
      genid: (request) => newSecrets.get(request) ?? randomSecret(),
      store: new SessionStore(options.database),
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

  return {
    readCookie: (request) => findCookie(request, name),

    findSecret(request) {
      const value = findCookie(request, name);
      return value === undefined ? null : options.findSecret("cookie", value);
    },

    async setCookie(exchange, secret, lifetime) {
      const request = openWith(exchange, options.secure);
      await runMiddleware(exchange.request, exchange.response);
      newSecrets.set(request, secret);
      request.sessionStore.generate(request);
      request.session.cookie.maxAge = lifetime;
      try {
        // Awaited: the save that express-session does by itself answers 200 with a cookie even when it fails.
        await new Promise<void>((resolve, reject) =>
          request.session.save((error) => (error ? reject(error) : resolve())),
        );
        return true;
      } catch (error) {
        forget(request);
        if (error instanceof SessionEnded) return false;
        throw error;
      }
    },

    clearCookie({ request, response }) {
      if (findCookie(request, name) === undefined) return;
      response.appendHeader("set-cookie", stringifySetCookie({ name, value: "", ...attributes, maxAge: 0 }));
    },
  };
}

const findCookie = (request: IncomingMessage, name: string): string | undefined =>
  request.headers.cookie === undefined
    ? undefined
    : parseCookie(request.headers.cookie, { decode: asItCame })[name];

/** Decoding is left to whoever verifies the value: one that is remembered needs neither. */
const asItCame = (value: string): string => value;

/**
 * express-session sends no Secure cookie when the hop before us spoke http. PUBLIC_URL decides what browsers speak, so it is told
 * so here.
 */
const openWith = ({ request }: Exchange, secure: boolean): Request => {
  Object.defineProperty(request, "secure", { value: secure, configurable: true });
  return request as Request;
};

/** Without a session on the request, express-session sends no cookie. */
const forget = (request: Request): void => {
  Reflect.deleteProperty(request, "session");
};
