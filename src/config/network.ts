// The settings of the network: our public address, the origins that may call us, and the proxies in front of us.
import { z } from "zod";
import { isTooWideForProxies } from "./proxy-range.ts";
import { commaSeparated, optionalSetting, setting } from "./setting.ts";

export const networkSettings = () => ({
  publicUrl: optionalSetting("PUBLIC_URL", {
    text: "The origin under which clients reach the server. Links in mail begin with it. With `https:`, cookies are `Secure` and have the `__Host-` prefix, and HSTS is sent. If it is not set, it is `http://localhost` with `PORT`.",
    example: "https://api.example.com",
    requiredWith: "DATABASE_URL",
    schema: z.string().transform(toOrigin),
    otherwise: null,
  }),
  allowedOrigins: optionalSetting("ALLOWED_ORIGINS", {
    text: "The origins whose pages may call the API, separated by commas. If it is not set, only the origin of `PUBLIC_URL` may. If you set it, include the origin of `PUBLIC_URL`.",
    example: "https://app.example.com,https://api.example.com",
    schema: z
      .string()
      .transform(commaSeparated)
      .pipe(
        z.array(
          z
            .string()
            .transform(toOrigin)
            .transform((url) => url.origin),
        ),
      )
      .transform((origins): ReadonlySet<string> => new Set(origins)),
    otherwise: null,
  }),
  trustProxy: setting("TRUST_PROXY", {
    text: "How many proxies are in front of the server, at most 9; or their IP addresses and CIDR ranges, separated by commas. A range must be private, or public and at most a /12 of IPv4 or a /24 of IPv6.",
    default: "0",
    schema: z.string().transform(toTrustedProxies),
  }),
});

function toOrigin(text: string, context: z.RefinementCtx): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url;
  context.addIssue(
    `${JSON.stringify(text)} must be an origin such as https://api.example.com, without a path`,
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
