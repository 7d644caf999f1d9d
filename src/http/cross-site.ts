// Refuses cross-site requests before anything runs.
import type { IncomingMessage } from "node:http";
import { type AllowedOrigins, isAllowedOrigin } from "../config/network/origins.ts";
import { searchOf } from "./request/log.ts";

/**
 * Checks Fetch Metadata first, then Origin. Scripts cannot set either, and every current browser sends at
 * least one with each request that a page can cause. This includes login: an attacker could otherwise log the
 * victim in to the attacker's account (login CSRF).
 */
export const isCrossSite = (
  request: IncomingMessage,
  allowedOrigins: AllowedOrigins,
  hasToken: (request: IncomingMessage) => boolean,
): boolean => isFromElsewhere(request, allowedOrigins) && !isByTokenAlone(request, hasToken);

/**
 * A page must ask CORS first whether it may send a token, and CORS says no. Apps and extensions that CORS does not bind may send
 * one, with an Origin that nobody can list. With a cookie, the cookie could be what a page is after.
 */
const isByTokenAlone = (request: IncomingMessage, hasToken: (request: IncomingMessage) => boolean): boolean =>
  request.headers.cookie === undefined && hasToken(request);

const isFromElsewhere = (request: IncomingMessage, allowedOrigins: AllowedOrigins): boolean => {
  // A preflight runs nothing, and CORS responds to it.
  if (request.method === "OPTIONS") return false;

  const site = request.headers["sec-fetch-site"];
  // Our own page, or a user who types the URL or opens a bookmark.
  if (site === "same-origin" || site === "none") return false;

  const { origin } = request.headers;
  // Exact match: a sibling subdomain, `null`, another port or another scheme is another origin.
  if (origin !== undefined) return !isAllowedOrigin(allowedOrigins, origin);

  // A link from another site shows a page and runs nothing.
  if (isPageNavigation(request)) return false;

  // Apollo Client and Node's fetch send other sec-fetch headers without this one; curl sends none. They are
  // not browsers.
  return site !== undefined;
};

const isPageNavigation = (request: IncomingMessage): boolean =>
  request.method === "GET" &&
  request.headers["sec-fetch-mode"] === "navigate" &&
  !new URLSearchParams(searchOf(request.url ?? "")).has("query");
