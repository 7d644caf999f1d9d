// A cookie that holds nothing but a random secret of ours, whose digest a row has.
import type { IncomingMessage } from "node:http";
import { parseCookie, stringifySetCookie } from "cookie";
import { toSeconds } from "../../time.ts";
import { isWellFormedSecret } from "../secrets/secret.ts";
import type { Exchange } from "../viewer/client.ts";
import { hostCookieName } from "./cookie-name.ts";

export interface SecretCookie {
  /** Null for a value that we never sent: guesses cost no query. */
  read(request: IncomingMessage): string | null;
  set(exchange: Exchange, secret: string): void;
  /** Makes the browser delete the cookie. */
  clear(exchange: Exchange): void;
}

/** `lifetime` is in milliseconds. */
export function createSecretCookie(options: {
  readonly name: string;
  readonly lifetime: number;
  readonly secure: boolean;
}): SecretCookie {
  const name = hostCookieName(options.name, options);
  const attributes = {
    name,
    httpOnly: true,
    sameSite: "lax",
    path: "/",
    secure: options.secure,
  } as const;
  const find = ({ headers }: IncomingMessage) =>
    headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[name];
  return {
    read(request) {
      const value = find(request);
      return value !== undefined && isWellFormedSecret(value) ? value : null;
    },
    set({ response }, secret) {
      const cookie = { ...attributes, value: secret, maxAge: toSeconds(options.lifetime) };
      response.appendHeader("set-cookie", stringifySetCookie(cookie));
    },
    clear({ request, response }) {
      if (find(request) === undefined) return;
      response.appendHeader("set-cookie", stringifySetCookie({ ...attributes, value: "", maxAge: 0 }));
    },
  };
}
