// The cookie of a browser that has logged in to an account before: it opens nothing, and keeps strangers from locking it out.
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseCookie, stringifySetCookie } from "cookie";
import { days, toSeconds } from "../../time.ts";
import { deriveKey } from "../secrets/derived-key.ts";
import type { Exchange } from "../viewer/client.ts";

export interface DeviceCookies {
  /** Null when none came for this account, or one that we did not sign, or that is of an earlier generation. No query. */
  find(request: IncomingMessage, account: DeviceOwner): string | null;
  /** For a browser whose user has proven to own the account. One that has it already keeps it. */
  leave(exchange: Exchange, account: DeviceOwner): void;
}

export interface DeviceOwner {
  readonly userId: string;
  /** Raised when the account forgets its devices: whoever had the old password may have collected cookies. */
  readonly generation: number;
}

/** As long as browsers keep a cookie at all. */
const life = days(400);

/** https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies */
export const createDeviceCookies = (options: {
  /** The first signs, all verify. */
  readonly secrets: readonly string[];
  readonly secure: boolean;
}): DeviceCookies => {
  const keys = options.secrets.map((secret) => deriveKey(secret, "device cookies"));
  const [signing] = keys;
  if (signing === undefined) throw new Error("createDeviceCookies() was given no secret.");
  const prefix = options.secure ? "__Host-graphward-device-" : "graphward-device-";
  // One for each account, so that a family's accounts on one computer do not take it from each other.
  const nameOf = (userId: string) =>
    prefix + createHash("sha256").update(userId).digest("base64url").slice(0, 12);

  const find = (request: IncomingMessage, owner: DeviceOwner): string | null => {
    if (request.headers.cookie === undefined) return null;
    const [id = "", signature = ""] = (parseCookie(request.headers.cookie)[nameOf(owner.userId)] ?? "").split(
      ".",
    );
    return keys.some((key) => isEqual(signature, sign(key, owner, id))) ? id : null;
  };

  return {
    find,
    leave({ request, response }, owner) {
      if (find(request, owner) !== null) return;
      const id = randomBytes(16).toString("base64url");
      const cookie = {
        name: nameOf(owner.userId),
        value: `${id}.${sign(signing, owner, id)}`,
        httpOnly: true,
        sameSite: "lax",
        path: "/",
        secure: options.secure,
        maxAge: toSeconds(life),
      } as const;
      response.appendHeader("set-cookie", stringifySetCookie(cookie));
    },
  };
};

const sign = (key: Buffer, { userId, generation }: DeviceOwner, id: string): string =>
  createHmac("sha256", key).update(`${userId} ${generation} ${id}`).digest("base64url");

const isEqual = (given: string, expected: string): boolean => {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
};
