// Reads a device's name from its user agent, which the client chooses: the name is a hint, not proof.
import Bowser from "bowser";
import { maxUserAgentLength } from "../viewer/client.ts";

/** Every browser claims to be one of these; its real name comes later. */
const browserPrefix = /^(mozilla|opera)\//i;

/**
 * The name appears in a mail, where `example.com` would become a link, and a direction override would reorder the sentence: so no
 * dots, no slashes, and only ASCII.
 */
const harmlessName = /^[a-z][\w +-]{0,39}$/i;

/** For example "Firefox on Windows", or "MyApp on iOS" for an app. Null when it is unknown. */
export const findDeviceName = (userAgent: string | null): string | null => {
  if (userAgent === null || userAgent === "") return null;
  const known = userAgent.slice(0, maxUserAgentLength);
  const parser = Bowser.getParser(known, true);
  const names = [browserPrefix.test(known) ? "" : firstProductOf(known), parser.getBrowserName()];
  const name = names.find((it) => it !== "Mozilla" && harmlessName.test(it));
  const system = parser.getOSName();
  if (!name || !system) return name || system || null;
  // "Samsung Internet for Android" already contains the system.
  return name.includes(system) ? name : `${name} on ${system}`;
};

/** The product of an app, before its version and comments (RFC 9110, section 10.1.5). iOS writes spaces as %20. */
const firstProductOf = (userAgent: string): string =>
  (userAgent.split(/[/(]/, 1)[0] ?? "").replaceAll("%20", " ").trim();
