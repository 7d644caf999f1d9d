// Familiar browsers once had a cookie for each account. Some exist until 400 days after the last version that set them.
import { hostCookieName } from "./cookie-name.ts";
import { type Cookies, type Entry, readEntry } from "./device-entry.ts";

const earlierName = "graphward-device-";

/** A login takes over and deletes so many: proxies refuse a response with long headers. */
const maxTakenOver = 10;

export interface EarlierCookie {
  readonly name: string;
  /** Null for another text than we wrote. */
  readonly entry: Entry | null;
}

export function earlierCookiesIn(
  cookies: Cookies,
  options: { readonly secure: boolean },
): readonly EarlierCookie[] {
  const prefix = hostCookieName(earlierName, options);
  return Object.keys(cookies)
    .filter((name) => name.startsWith(prefix) && /^[\w-]{12}$/.test(name.slice(prefix.length)))
    .slice(0, maxTakenOver)
    .map((name) => ({ name, entry: readEntry(`${name.slice(prefix.length)}.${cookies[name] ?? ""}`) }));
}
