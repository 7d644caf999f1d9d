// The settings of the network: our public address, the origins that may call us, and the proxies in front of us.
import { z } from "zod";
import { commaSeparated, optionalSetting, setting } from "../setting.ts";
import { type AllowedOrigins, toAllowedOrigin, toWebOrigin } from "./origins.ts";
import { isTooWideForProxies } from "./proxy-range.ts";

export const networkSettings = () => ({
  publicUrl: optionalSetting("PUBLIC_URL", {
    text: "The origin under which clients reach the server. Links in mail begin with it. With `https:`, cookies are `Secure` and have the `__Host-` prefix, and HSTS is sent. If it is not set, it is `http://localhost` with `PORT`.",
    example: "https://api.example.com",
    requiredWith: "DATABASE_URL",
    schema: z.string().transform(toWebOrigin),
    otherwise: null,
  }),
  allowedOrigins: optionalSetting("ALLOWED_ORIGINS", {
    text: "The origins whose pages may call the API, separated by commas: of websites, and of apps (`capacitor://localhost`). `https://*.preview.example.com` allows every name with one label in the place of `*`. If it is not set, only the origin of `PUBLIC_URL` may. If you set it, include the origin of `PUBLIC_URL`.",
    example: "https://app.example.com,https://api.example.com",
    schema: z
      .string()
      .transform(commaSeparated)
      .pipe(z.array(z.string().transform(toAllowedOrigin)))
      .transform((origins): AllowedOrigins => new Set(origins)),
    otherwise: null,
  }),
  tokenHeader: setting("TOKEN_HEADER", {
    text: "The header in which clients send tokens. Name another one, such as `X-Auth-Token`, if a proxy in front of the server uses `Authorization` for itself. There, `Bearer` before the token may be left out.",
    default: "Authorization",
    schema: z.string().transform(toTokenHeader),
  }),
  cookieName: optionalSetting("COOKIE_NAME", {
    text: "The name of the session cookie, without the prefix `__Host-` that it gets with `https:`. The cookie of familiar browsers is named after it. In production it is `graphward`, elsewhere `graphward-` and `PORT`, because browsers send all cookies of one host to each of its ports. A change logs out all browsers.",
    example: "graphward-staging",
    schema: z
      .string()
      .regex(
        /^(?!__)[\w-]{1,50}$/,
        "must be letters, digits, - and _, at most 50, and must not begin with __",
      ),
    otherwise: null,
  }),
  trustProxy: setting("TRUST_PROXY", {
    text: "How many proxies are in front of the server, at most 9; or their IP addresses and CIDR ranges, separated by commas. They set `X-Forwarded-For`, and may set `X-Request-Id`. A range must be private, or public and at most a /12 of IPv4 or a /24 of IPv6.",
    default: "0",
    schema: z.string().transform(toTrustedProxies),
  }),
});

/** Lets the request through a browser without asking CORS, or has a meaning of its own. */
const takenHeaders =
  /^(accept|accept-(charset|encoding|language|ranges)|connection|content-.*|cookie2?|date|dnt|expect|forwarded|host|keep-alive|origin|proxy-.*|range|referer|sec-.*|set-cookie2?|te|trailer|traceparent|tracestate|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*|x-real-ip|x-request-id|access-control-.*|apollo-require-preflight)$/;

/** In small letters, as Node has the names. */
function toTokenHeader(text: string, context: z.RefinementCtx): string {
  const name = text.toLowerCase();
  if (/^[a-z][a-z0-9-]{0,63}$/.test(name) && !takenHeaders.test(name)) return name;
  context.addIssue(
    "must be the name of a header that has no other use, such as Authorization or X-Auth-Token",
  );
  return z.NEVER;
}

/** Never "all": a client could then choose the IP address that limits and logs see. */
function toTrustedProxies(text: string, context: z.RefinementCtx): number | readonly string[] {
  // No deployment has more in a row. Each hop too many lets the client invent an IP.
  if (/^\d$/.test(text)) return Number(text);
  const ranges = commaSeparated(text);
  try {
    // Some parsers accept a number as an IP.
    if (!/^\d+$/.test(text) && !ranges.some(isTooWideForProxies)) return ranges;
  } catch {
    // The message below names the variable.
  }
  context.addIssue(
    "must be a number of hops, at most 9, or addresses and CIDR ranges separated by commas: private ones, or public ones of at most a /12 of IPv4 or a /24 of IPv6",
  );
  return z.NEVER;
}
