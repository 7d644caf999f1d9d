// Where a login that an app has begun comes back to: a registered link, exactly as the settings have it.

export type AppLinks = ReadonlySet<string>;

/** What an app has asked for. */
export interface AppReturn {
  /** With the state that the app has given. */
  readonly link: string;
  /** The SHA-256 of the verifier that the app keeps (RFC 7636, section 4.2, S256). */
  readonly challenge: Buffer;
}

/** Null: no app has begun it. `wrong`: one has, but not as it must. */
export function readAppReturn(parameters: URLSearchParams, links: AppLinks): AppReturn | "wrong" | null {
  const link = findAppLink(parameters.get("return_to") ?? "", links);
  const challenge = parameters.get("challenge");
  if (link === null && challenge === null) return null;
  // Without a challenge, whoever reads the link could use its code; and without a link of ours, anybody could be its reader.
  if (link === null || challenge === null || !isS256(challenge, parameters.get("challenge_method")))
    return "wrong";
  const state = parameters.get("state");
  if (state !== null && !/^[\x21-\x7e]{1,500}$/.test(state)) return "wrong";
  return {
    link: state === null ? link : withParameter(link, "state", state),
    challenge: Buffer.from(challenge, "base64url"),
  };
}

/** No prefix, case or query is the same link: another app, or another page of a website, would get the code. */
export function findAppLink(text: string, links: AppLinks): string | null {
  if (links.has(text)) return text;
  // RFC 8252, section 7.3: on loopback, the app takes any port that is free.
  const [, host = "", path = ""] =
    /^(http:\/\/(?:127\.0\.0\.1|\[::1\])):[1-9]\d{0,4}(\/.*)$/.exec(text) ?? [];
  const isFree = links.has(host + path) && URL.canParse(text) && new URL(text).href === text;
  return isFree ? text : null;
}

export function withParameter(link: string, name: "state" | "code" | "error", value: string): string {
  const url = new URL(link);
  url.searchParams.set(name, value);
  return url.href;
}

/** 32 bytes in base64url, in their one spelling. There is no other method: `plain` would show the verifier to who sees the URL. */
const isS256 = (challenge: string, method: string | null): boolean =>
  (method === null || method === "S256") && /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(challenge);
