// The headers of every answer.
import type { RequestHandler } from "express";
import helmet from "helmet";
import { days, toSeconds } from "../time.ts";

export const securityHeaders = ({ https }: { readonly https: boolean }): RequestHandler => {
  const setHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // On http browsers ignore it; a proxy that rewrites http to https must not send it for us.
    strictTransportSecurity: https ? { maxAge: toSeconds(days(365)), includeSubDomains: false } : false,
  });
  return function setSecurityHeaders(request, response, next) {
    // Answers hold accounts: no cache, shared or not, may keep one.
    response.setHeader("Cache-Control", "no-store");
    setHeaders(request, response, next);
  };
};
