// What the documentation of each known provider says, and which fields of the settings make sense with it.
import { createPrivateKey, type KeyObject } from "node:crypto";

/** How a provider speaks: as OpenID Connect says, or as its own documentation does. */
export type ProviderKind = "openid" | "apple" | "github";

/** Apple takes no secret: this key signs one for each request. */
export interface AppleKey {
  readonly teamId: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

interface ProviderPreset {
  readonly name: string;
  /** Null: it is the operator's own. */
  readonly issuer: string | null;
  readonly kind: ProviderKind;
}

export const presets = {
  google: { name: "Google", issuer: "https://accounts.google.com", kind: "openid" },
  apple: { name: "Apple", issuer: "https://appleid.apple.com", kind: "apple" },
  gitlab: { name: "GitLab", issuer: "https://gitlab.com", kind: "openid" },
  github: { name: "GitHub", issuer: "https://github.com", kind: "github" },
  microsoft: { name: "Microsoft", issuer: null, kind: "openid" },
  keycloak: { name: "Keycloak", issuer: null, kind: "openid" },
} as const satisfies Record<string, ProviderPreset>;

export type Preset = keyof typeof presets;
export const presetNames = Object.keys(presets) as [Preset, ...Preset[]];

/**
 * Whether the documentation says that a user is asked to log in again with `prompt=login`, and that the answer says when that was.
 * Google documents other prompts only, and answers those that it does not know with an error page.
 */
export const canAuthenticateAgain = ({
  kind,
  issuer,
}: {
  readonly kind: ProviderKind;
  readonly issuer: string;
}): boolean => kind === "openid" && issuer.replace(/\/+$/, "") !== presets.google.issuer;

/** Apple has no scope for the name: it comes beside the token, unsigned, through the browser. */
export const usualScopes: Readonly<Record<ProviderKind, readonly string[]>> = {
  openid: ["openid", "email", "profile"],
  apple: ["openid", "email"],
  github: ["user:email"],
};

interface GivenFields {
  readonly scopes?: readonly string[] | undefined;
  readonly trustEmail?: boolean | undefined;
  readonly acrValues?: readonly string[] | undefined;
  readonly trustsFactor?: readonly string[] | undefined;
}

/** Fields that would promise what the provider does not do. */
export const findSenselessFields = (
  kind: ProviderKind,
  name: string,
  { scopes, trustEmail, acrValues, trustsFactor }: GivenFields,
): readonly string[] => {
  const needsOpenId = kind !== "github" && scopes !== undefined && !scopes.includes("openid");
  return [
    ...(needsOpenId ? ["scopes must include openid"] : []),
    ...(kind === "openid"
      ? []
      : [
          // Linked in silence, an account would belong to whoever gets its email verified there.
          ...(trustEmail ? [`trustEmail must be left out: anybody can register at ${name}`] : []),
          ...(acrValues ? [`acrValues must be left out: ${name} does not know them`] : []),
          ...(trustsFactor ? [`trustsFactor must be left out: ${name} tells of no second factor`] : []),
        ]),
  ];
};

/** Null for what is no key of Apple's: a P-256 key in PEM. */
export const readAppleKey = (pem: string): KeyObject | null => {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : null;
  } catch {
    return null;
  }
};
