// Security headers: what a browser may do with a response.
import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";
import { days, toSeconds } from "../time.ts";
import type { HeaderList } from "./response.ts";

/**
 * They concern scripts, windows, downloads and frames: OWASP's REST Security page leaves them out for data.
 */
const onlyForPages = {
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const;

/** Helmet's headers are constant, so they are computed once. */
export const securityHeaders = (options: {
  readonly https: boolean;
  readonly of: "data" | "pages";
}): HeaderList => {
  // Responses hold account data: no cache, shared or private, may store them. If one does, `Vary: Origin`
  // keeps it from serving them to another origin.
  const headers = ["Cache-Control", "no-store", "Vary", "Origin"];
  const setHeaders = helmet({
    ...(options.of === "data" ? onlyForPages : {}),
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: "deny" },
    // With subdomains: docs/decisions/hsts.md. Browsers ignore it on http, but a proxy that terminates https
    // would pass it on, so it is sent only when PUBLIC_URL is https.
    strictTransportSecurity: options.https
      ? { maxAge: toSeconds(days(365)), includeSubDomains: true }
      : false,
  });
  const recorder = {
    setHeader: (name: string, value: string) => headers.push(name, value),
    removeHeader: () => undefined,
  };
  setHeaders({} as IncomingMessage, recorder as unknown as ServerResponse, (error?: unknown) => {
    if (error) throw error;
  });
  return headers;
};
