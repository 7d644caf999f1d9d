// Reads the claims of a provider. All of them are strangers' text: nothing is believed because of its name.
import { isStorableText } from "../text/characters.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { type Profile, readProfile } from "../text/profiles.ts";
import { proposeUsername } from "../text/usernames.ts";
import type { ProviderClaims } from "./client.ts";

type Claims = ProviderClaims["profile"];

export interface ClaimedEmail {
  readonly email: string;
  readonly isVerified: boolean;
}

/** Null for one that no user could have. */
export function findClaimedEmail({ email, email_verified: verified }: Claims): ClaimedEmail | null {
  if (typeof email !== "string" || findCanonicalEmail(email) === null) return null;
  // The boolean alone: Google has sent "false", which is true for a careless reader.
  return { email, isVerified: verified === true };
}

/** Leaves out an invalid display name or locale. */
export function readClaimedProfile({ name, locale }: Claims): Profile {
  const displayName = readProfile({ displayName: textOf(name) });
  const language = readProfile({ locale: textOf(locale)?.replaceAll("_", "-") ?? null });
  return {
    displayName: displayName.ok ? (displayName.value.displayName ?? null) : null,
    locale: language.ok ? (language.value.locale ?? null) : null,
  };
}

/**
 * Usernames to try, best first: `preferred_username`, then what is before the @ of the email, then the name.
 */
export function proposeUsernames({ preferred_username: preferred, email, name }: Claims): readonly string[] {
  const proposed = [preferred, email, name].flatMap((claim) => {
    const username = proposeUsername(textOf(claim) ?? "");
    return username === null ? [] : [username];
  });
  return [...new Set(proposed)];
}

/** Whether the provider has asked for a second factor of which the operator has said that it counts. */
export function hasTrustedFactor(
  { acr, amr }: Pick<ProviderClaims, "acr" | "amr">,
  trusted: readonly string[],
): boolean {
  const given = [acr, ...(Array.isArray(amr) ? amr : [])];
  return given.some((value) => typeof value === "string" && trusted.includes(value));
}

/** Also for people: a long text is no name. */
const maxClaimLength = 500;

const textOf = (claim: unknown): string | null =>
  typeof claim === "string" && claim.length <= maxClaimLength && isStorableText(claim) && claim.trim() !== ""
    ? claim
    : null;
