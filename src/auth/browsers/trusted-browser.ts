// The cookie of a trusted browser, which has logged in before: it grants no access, but a stranger cannot lock this browser out.
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { parseCookie, stringifySetCookie } from "cookie";
import { days, toSeconds } from "../../time.ts";
import { deriveKey } from "../secrets/derived-key.ts";
import type { Exchange } from "../viewer/client.ts";

export interface TrustedBrowsers {
  /** Returns null without a cookie for this account, or when our signature or the generation does not match. No query. */
  readCookie({ request }: Pick<Exchange, "request">, account: BrowserOwner): string | null;
  /** Call it after the user has authenticated in this browser. Keeps an existing cookie. */
  setCookie(exchange: Exchange, account: BrowserOwner): void;
}

export interface BrowserOwner {
  readonly userId: string;
  /** Every change of the password increments it: an attacker who had the old one may have collected cookies. */
  readonly generation: number;
}

/** The maximum that browsers allow. */
const lifetime = days(400);

/** https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies */
export const createTrustedBrowsers = (options: {
  /** The first signs, all verify. */
  readonly secrets: readonly string[];
  readonly secure: boolean;
}): TrustedBrowsers => {
  const keys = options.secrets.map((secret) => deriveKey(secret, "device cookies"));
  const [signing] = keys;
  if (signing === undefined) throw new Error("createTrustedBrowsers() was given no secret.");
  const prefix = options.secure ? "__Host-graphward-device-" : "graphward-device-";
  // One cookie per account, so that family members who share a browser do not overwrite each other's.
  const nameOf = (userId: string) =>
    prefix + createHash("sha256").update(userId).digest("base64url").slice(0, 12);

  const readCookie = ({ request }: Pick<Exchange, "request">, owner: BrowserOwner): string | null => {
    if (request.headers.cookie === undefined) return null;
    const [id = "", signature = ""] = (parseCookie(request.headers.cookie)[nameOf(owner.userId)] ?? "").split(
      ".",
    );
    return keys.some((key) => isEqual(signature, sign(key, owner, id))) ? id : null;
  };

  return {
    readCookie,
    setCookie(exchange, owner) {
      if (readCookie(exchange, owner) !== null) return;
      const id = randomBytes(16).toString("base64url");
      const cookie = {
        name: nameOf(owner.userId),
        value: `${id}.${sign(signing, owner, id)}`,
        httpOnly: true,
        sameSite: "lax",
        path: "/",
        secure: options.secure,
        maxAge: toSeconds(lifetime),
      } as const;
      exchange.response.appendHeader("set-cookie", stringifySetCookie(cookie));
    },
  };
};

const sign = (key: Buffer, { userId, generation }: BrowserOwner, id: string): string =>
  createHmac("sha256", key).update(`${userId} ${generation} ${id}`).digest("base64url");

const isEqual = (given: string, expected: string): boolean => {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
};
