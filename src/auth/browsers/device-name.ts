// What people call a device, read from its user agent. Whoever logs in chooses the user agent: the name is a hint, no proof.
import Bowser from "bowser";
import { maxUserAgentLength } from "../viewer/client.ts";

/** Every browser says that it is one of these, and what it is further on. */
const browserPrefix = /^(mozilla|opera)\//i;

/**
 * It stands in a mail, where `example.com` would become a link, and an override of direction would turn the sentence around:
 * no dots, no slashes, and nothing that is not ASCII.
 */
const harmlessName = /^[a-z][\w +-]{0,39}$/i;

/** Such as "Firefox on Windows", or "MyApp on iOS" for an app. Null when nothing can be said. */
export const findDeviceName = (userAgent: string | null): string | null => {
  if (userAgent === null || userAgent === "") return null;
  const known = userAgent.slice(0, maxUserAgentLength);
  const parser = Bowser.getParser(known, true);
  const names = [browserPrefix.test(known) ? "" : firstProductOf(known), parser.getBrowserName()];
  const name = names.find((it) => it !== "Mozilla" && harmlessName.test(it));
  const system = parser.getOSName();
  if (!name || !system) return name || system || null;
  // "Samsung Internet for Android" has said it.
  return name.includes(system) ? name : `${name} on ${system}`;
};

/** What an app calls itself, before its version and remarks (RFC 9110, section 10.1.5). iOS writes spaces as %20. */
const firstProductOf = (userAgent: string): string =>
  (userAgent.split(/[/(]/, 1)[0] ?? "").replaceAll("%20", " ").trim();
