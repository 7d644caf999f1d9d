// The cookie of a familiar browser, which has logged in before: it grants no access, but a stranger cannot lock this browser out.
import { createHash, createHmac, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseCookie, stringifySetCookie } from "cookie";
import { days, toSeconds } from "../../time.ts";
import { deriveKey } from "../secrets/derived-key.ts";
import type { Exchange } from "../viewer/client.ts";
import { hostCookieName } from "./cookie-name.ts";
import { type Cookies, type Entry, readEntry, writeEntry } from "./device-entry.ts";
import { earlierCookiesIn } from "./earlier-cookies.ts";

export interface FamiliarBrowsers {
  /** Returns null without an entry for this account, or when our signature or the generation does not match. No query. */
  readCookie({ request }: Pick<Exchange, "request">, account: BrowserOwner): string | null;
  /** Call it after the user has authenticated in this browser. Keeps an existing id. */
  setCookie(exchange: Exchange, account: BrowserOwner): void;
}

export interface BrowserOwner {
  readonly userId: string;
  /** Every change of the password increments it: an attacker who had the old one may have collected cookies. */
  readonly generation: number;
}

/** The maximum that browsers allow. */
const lifetime = days(400);

/** One cookie with an entry of 80 characters for each account: a cookie for each would in the end exceed the limit of all headers. */
const maxAccounts = 10;

/** https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies */
export const createFamiliarBrowsers = (options: {
  /** The first signs, all verify. */
  readonly secrets: readonly string[];
  readonly cookieName: string;
  readonly secure: boolean;
}): FamiliarBrowsers => {
  const keys = options.secrets.map((secret) => deriveKey(secret, "device cookies"));
  const [signing] = keys;
  if (signing === undefined) throw new Error("createFamiliarBrowsers() was given no secret.");
  const name = hostCookieName(`${options.cookieName}-device`, options);
  const attributes = { httpOnly: true, sameSite: "lax", path: "/", secure: options.secure } as const;

  /** Null if none of our keys signed it for this owner. */
  const findId = (entry: Entry | undefined, owner: BrowserOwner): string | null => {
    // Signed and compared for a missing entry too: the time must not reveal whether the browser has one.
    const { id, signature } = entry ?? noEntry;
    return keys.some((key) => isEqual(signature, sign(key, owner, id))) ? id : null;
  };
  const readEntries = ({ headers }: IncomingMessage) => {
    const cookies: Cookies = parseCookie(headers.cookie ?? "");
    const earlier = earlierCookiesIn(cookies, options);
    return {
      entries: [...entriesIn(cookies[name]), ...earlier.flatMap(({ entry }) => entry ?? [])],
      earlier,
    };
  };
  const findOwnId = (entries: readonly Entry[], owner: BrowserOwner): string | null => {
    const account = accountOf(owner.userId);
    return findId(
      entries.find((entry) => entry.account === account),
      owner,
    );
  };

  return {
    readCookie({ request }, owner) {
      if (request.headers.cookie === undefined) return null;
      return findOwnId(readEntries(request).entries, owner);
    },
    setCookie({ request, response }, owner) {
      const { entries, earlier } = readEntries(request);
      const account = accountOf(owner.userId);
      const known = findOwnId(entries, owner);
      if (known !== null && entries[0]?.account === account && earlier.length === 0) return;
      const send = (cookie: { readonly name: string; readonly value: string; readonly maxAge: number }) =>
        response.appendHeader("set-cookie", stringifySetCookie({ ...cookie, ...attributes }));
      const id = known ?? randomBytes(16).toString("base64url");
      const own = { account, id, signature: sign(signing, owner, id) };
      const kept = [own, ...entries.filter((entry) => entry.account !== account)].slice(0, maxAccounts);
      send({ name, value: kept.map(writeEntry).join("~"), maxAge: toSeconds(lifetime) });
      for (const { name: earlierName } of earlier) send({ name: earlierName, value: "", maxAge: 0 });
    },
  };
};

const noEntry = { id: "", signature: "" };

/** The account that logged in last is first. */
const entriesIn = (value: string | undefined): readonly Entry[] =>
  (value ?? "").split("~", maxAccounts).flatMap((text) => readEntry(text) ?? []);

const accountOf = (userId: string): string =>
  createHash("sha256").update(userId).digest("base64url").slice(0, 12);

const sign = (key: KeyObject, { userId, generation }: BrowserOwner, id: string): string =>
  createHmac("sha256", key).update(`${userId} ${generation} ${id}`).digest("base64url");

const isEqual = (given: string, expected: string): boolean => {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
};
