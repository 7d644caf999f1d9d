// The browser's session cookie. The only file that knows express-session and `request.session`.
import { type IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { parseCookie, stringifySetCookie } from "cookie";
import type { Request } from "express";
import session from "express-session";
import { hostCookieName } from "../browsers/cookie-name.ts";
import type { FindSecret } from "../secrets/presented-credential.ts";
import { randomSecret } from "../secrets/secret.ts";
import type { Exchange } from "../viewer/client.ts";
import { SessionStore } from "./store.ts";

export interface SessionCookies {
  /** The raw cookie, whether we signed it or not. */
  readCookie(request: IncomingMessage): string | undefined;
  /** The secret of the cookie, if it has our signature. No query. */
  findSecret(request: IncomingMessage): string | null;
  /** Sends the cookie of a session that has a row. `lifetime` is in milliseconds. No query. */
  setCookie(exchange: Exchange, secret: string, lifetime: number): Promise<void>;
  /** Makes the browser delete the cookie. */
  clearCookie(exchange: Exchange): void;
}

export function createSessionCookies(options: {
  /** The first signs, all verify. */
  readonly secrets: readonly string[];
  readonly findSecret: FindSecret;
  readonly cookieName: string;
  readonly secure: boolean;
}): SessionCookies {
  const name = hostCookieName(options.cookieName, options);
  const attributes = { httpOnly: true, sameSite: "lax", path: "/", secure: options.secure } as const;
  const newSecrets = new WeakMap<IncomingMessage, string>();
  const runMiddleware = promisify(
    session({
      name,
      secret: [...options.secrets],
      // Session fixation: never an id from the request, which an attacker may have planted.
      genid: (request) => newSecrets.get(request) ?? randomSecret(),
      store: new SessionStore(),
      cookie: attributes,
      // No row and no cookie before a login, and no write after a request that only reads.
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
      // A response of its own: in the real one, express-session would write its cookie behind all others. Programs between the
      // server and the browser that keep one cookie keep the first.
      const ownResponse = new ServerResponse(exchange.request);
      await runMiddleware(exchange.request, ownResponse);
      newSecrets.set(request, secret);
      request.sessionStore.generate(request);
      request.session.cookie.maxAge = lifetime;
      try {
        // Awaited, because express-session's own save responds 200 with a cookie even when it fails.
        await new Promise<void>((resolve, reject) =>
          request.session.save((error) => (error ? reject(error) : resolve())),
        );
        ownResponse.writeHead(200);
        exchange.response.appendHeader("set-cookie", cookieIn(ownResponse));
      } finally {
        forget(request);
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

/** No decoding here: the verifier decodes, and a cached cookie needs neither. */
const asItCame = (value: string): string => value;

/** express-session sends no Secure cookie if the proxy reached us over http. PUBLIC_URL decides what browsers use, so we set it here. */
const openWith = ({ request }: Exchange, secure: boolean): Request => {
  Object.defineProperty(request, "secure", { value: secure, configurable: true });
  return request as Request;
};

/** For another session in the same request, express-session must begin anew. */
const forget = (request: Request): void => {
  Reflect.deleteProperty(request, "session");
};

const cookieIn = (response: ServerResponse): readonly string[] => {
  const lines = [response.getHeader("set-cookie") ?? []].flat().map(String);
  if (lines.length === 0) throw new Error("express-session sent no cookie.");
  return lines;
};
