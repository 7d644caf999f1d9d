// Logs, once each, the origins that are refused because ALLOWED_ORIGINS does not list them.
import type { Logger } from "pino";
import { type AllowedOrigins, findListable, isAllowedOrigin } from "../config/network/origins.ts";

/** An attacker can send any number of origins: this bounds memory and log. */
const maxNamed = 100;

export function createUnlistedOriginLog(
  allowedOrigins: AllowedOrigins,
  logger: Logger,
): (origin: string | undefined) => void {
  const named = new Set<string>();
  return (origin) => {
    if (origin === undefined || isAllowedOrigin(allowedOrigins, origin) || named.has(origin)) return;
    if (named.size >= maxNamed || findListable(origin) === null) return;
    named.add(origin);
    logger.warn({ origin }, "origin not in ALLOWED_ORIGINS: browser requests from it are refused");
    if (named.size === maxNamed) logger.warn(`${maxNamed} unlisted origins logged: no more will be logged`);
  };
}
