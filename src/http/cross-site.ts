// Refuses what another site makes a browser send, before anything runs and whatever credential comes along.
import type { IncomingMessage } from "node:http";
import { searchOf } from "./request-log.ts";

/**
 * Fetch Metadata first, then Origin. No script can set either, and every browser of today sends one of them with what a
 * page can cause; login is included, or an attacker could log the victim in to the attacker's account.
 */
export const isCrossSite = (request: IncomingMessage, allowedOrigins: ReadonlySet<string>): boolean => {
  // A preflight runs nothing. CORS answers it.
  if (request.method === "OPTIONS") return false;

  const site = request.headers["sec-fetch-site"];
  // Our own page, or somebody's typing and bookmarks.
  if (site === "same-origin" || site === "none") return false;

  const { origin } = request.headers;
  // Exact: a sibling subdomain, `null`, another port or scheme is somebody else.
  if (origin !== undefined) return !allowedOrigins.has(origin);

  // A link to us from another site shows a page and runs nothing.
  if (isPageNavigation(request)) return false;

  // Apollo Client and Node's fetch send other sec-fetch headers without this one: they are no browser, nor is curl.
  return site !== undefined;
};

const isPageNavigation = (request: IncomingMessage): boolean =>
  request.method === "GET" &&
  request.headers["sec-fetch-mode"] === "navigate" &&
  !new URLSearchParams(searchOf(request.url ?? "")).has("query");
