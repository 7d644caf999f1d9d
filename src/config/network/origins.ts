// ALLOWED_ORIGINS: websites, apps with a scheme of their own, and wildcards for one label; and whether an origin is one of them.
import { createRequire } from "node:module";
import { z } from "zod";

/** Exact origins, and patterns such as `https://*.preview.example`. */
export type AllowedOrigins = ReadonlySet<string>;

export const isAllowedOrigin = (allowed: AllowedOrigins, origin: string): boolean =>
  !hasWildcard(origin) && (allowed.has(origin) || allowed.has(origin.replace(firstLabel, "$1*.")));

/** No dot, so that a wildcard never stands for two labels. */
const firstLabel = /^(https?:\/\/)[a-z0-9-]{1,63}\./;

export const hasWildcard = (origin: string): boolean => origin.includes("*");

/** `https://api.example.com`, without a path. Throws nothing: the problem goes into `context`. */
export function toWebOrigin(text: string, context: z.RefinementCtx): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && isWeb(url) && !hasWildcard(text) && `${url.origin}/` === url.href) return url;
  return refuse(
    context,
    `${JSON.stringify(text)} must be an origin such as https://api.example.com, without a path`,
  );
}

export function toAllowedOrigin(text: string, context: z.RefinementCtx): string {
  if (hasWildcard(text)) return toPattern(text, context);
  const origin = findOrigin(text);
  if (origin !== null) return origin;
  return refuse(
    context,
    `${JSON.stringify(text)} must be an origin such as https://app.example.com or capacitor://localhost, without a path`,
  );
}

/**
 * As browsers write it in the header Origin, or null. `null` itself is no origin: every sandboxed frame of every site sends it,
 * and so does every file.
 */
export function findOrigin(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || hasWildcard(text)) return null;
  const origin = `${url.protocol}//${url.host}`;
  // A web origin may be written with a slash, which URL adds.
  return (isWeb(url) || isApp(url)) && (url.href === origin || url.href === `${origin}/`) ? origin : null;
}

const isWeb = ({ protocol }: URL): boolean => protocol === "http:" || protocol === "https:";

/** Schemes that any page or file can cause a request from, or that have no origin. */
const schemesOfNoApp = /^(about|blob|data|file|filesystem|ftp|javascript|null|view-source|ws|wss):$/;

/** capacitor://localhost, app://com.example, chrome-extension://abcdefgh... */
const isApp = ({ protocol, hostname }: URL): boolean =>
  !schemesOfNoApp.test(protocol) && /^[\w.-]+$/.test(hostname);

/** `*.` in front of a name, and nowhere else. */
const pattern = /^https?:\/\/\*(\.[a-z0-9-]{1,63})+(:\d{1,5})?\/?$/i;

function toPattern(text: string, context: z.RefinementCtx): string {
  const shown = JSON.stringify(text);
  if (!pattern.test(text) || !URL.canParse(text))
    return refuse(
      context,
      `${shown} must have its one * in the place of the first label, such as https://*.preview.example.com`,
    );
  const { origin, hostname } = new URL(text);
  if (isOpenToAnybody(hostname.slice("*.".length)))
    return refuse(context, `${shown} would allow strangers: anybody can get a name there`);
  return origin;
}

/** `com`, `co.uk`, `vercel.app`, `github.io`: who registers a name below them can serve a page there. Not `localhost`. */
export const isOpenToAnybody = (name: string): boolean => {
  // Loaded for a wildcard only: the list of these names takes longer to load than all other settings.
  const { getPublicSuffix } = createRequire(import.meta.url)("tldts") as typeof import("tldts");
  return name !== "localhost" && getPublicSuffix(`x.${name}`, { allowPrivateDomains: true }) === name;
};

function refuse(context: z.RefinementCtx, text: string): never {
  context.addIssue(text);
  return z.NEVER as never;
}

/** Longer than a scheme, a host name of 253 characters and a port. */
const maxLength = 300;

/** What ALLOWED_ORIGINS could list. Any other text is an attacker's, and is not logged. */
export const findListable = (origin: string | undefined): string | null =>
  origin !== undefined && origin.length <= maxLength && findOrigin(origin) === origin ? origin : null;
