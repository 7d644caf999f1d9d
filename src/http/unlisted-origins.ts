// Names in the log the origins whose browsers are refused because ALLOWED_ORIGINS does not list them: each once.
import type { Logger } from "pino";

/** Anybody can send any number of origins: beyond these, neither the memory nor the log grows. */
const maxNamed = 100;

/** A scheme, a host name of 253 and a port are shorter. */
const maxLength = 300;

export function createUnlistedOriginLog(
  allowedOrigins: ReadonlySet<string>,
  logger: Logger,
): (origin: string | undefined) => void {
  const named = new Set<string>();
  return (origin) => {
    if (origin === undefined || allowedOrigins.has(origin) || named.has(origin)) return;
    if (named.size >= maxNamed || !isOrigin(origin)) return;
    named.add(origin);
    logger.warn({ origin }, "origin not in ALLOWED_ORIGINS: what browsers send from it is refused");
    if (named.size === maxNamed) logger.warn(`${maxNamed} such origins are named: no more will be`);
  };
}

/** What ALLOWED_ORIGINS could list. Any other text is an attacker's, and no log needs it. */
const isOrigin = (text: string): boolean =>
  text.length <= maxLength && URL.canParse(text) && new URL(text).origin === text;
