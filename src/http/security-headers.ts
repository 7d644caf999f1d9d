// The headers that keep a browser from doing more with an answer than reading it.
import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";
import { days, toSeconds } from "../time.ts";
import type { HeaderList } from "./response.ts";

/** They speak of scripts, windows, downloads and frames: on data, as OWASP's REST Security page has it, they say nothing. */
const onlyForPages = {
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const;

/** Helmet says the same for every request, so it is asked once. */
export const securityHeaders = (options: {
  readonly https: boolean;
  readonly of: "data" | "pages";
}): HeaderList => {
  // Answers hold accounts: no cache, shared or not, may keep one. Nor may one that does serve an origin's answer to another.
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
    // With its subdomains: docs/decisions/hsts.md. On http browsers ignore it; a proxy that rewrites http to https must not send it for us.
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
