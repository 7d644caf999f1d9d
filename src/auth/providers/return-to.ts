// Where a login leads back to: a path of ours, or a page of a listed origin. Everything else would be an open redirect.
import { hasInvisibleCharacters } from "../text/characters.ts";

/** Longer ones come from nobody's front end. */
const maxLength = 2000;

/** Browsers drop control characters and read a backslash as a slash: what we check must be what they follow. */
const isPlain = (text: string): boolean =>
  text !== "" && !/[\s\\]/.test(text) && !hasInvisibleCharacters(text);

export interface ReturnPlaces {
  /** For paths. */
  readonly publicUrl: URL;
  /** Exact ones. */
  readonly origins: ReadonlySet<string>;
}

/** The whole URL, or null for a place that no login leads to. */
export function findReturnUrl(text: string, { publicUrl, origins }: ReturnPlaces): string | null {
  if (text.length > maxLength || !isPlain(text)) return null;
  const isPath = text.startsWith("/");
  if (text.startsWith("//") || (!isPath && !/^https?:\/\//i.test(text))) return null;
  const url = URL.canParse(text, publicUrl.origin) ? new URL(text, publicUrl.origin) : null;
  if (url === null || url.username + url.password !== "") return null;
  // `/.//example.com` is a path that begins with two slashes once it is parsed.
  if (url.pathname.startsWith("//")) return null;
  return (isPath ? url.origin === publicUrl.origin : origins.has(url.origin)) ? url.href : null;
}
