// What the steps of a login with a provider hand on, and what the browser gets: another place, or a page that says why not.
import type { ProviderClaims, ProviderClient } from "../../providers/client.ts";

export interface ProviderLogin {
  readonly provider: ProviderClient;
  readonly claims: ProviderClaims;
}

export interface ProviderUser {
  readonly userId: string;
  readonly generation: number;
}

export type ProviderOutcome = { readonly to: string } | ProviderRefusal;

export interface ProviderRefusal {
  readonly page: ProviderPage;
  /** Where the login was to lead, so that the next try leads there. Unset: not known. */
  readonly returnTo?: string;
}

export type ProviderPage =
  /** The place to lead back to is none of ours. */
  | "wrong-place"
  /** An app has begun the login with another link than a registered one, or without a challenge. */
  | "wrong-app"
  | "unavailable"
  /** The login is unknown, late, used, or of another browser or provider. */
  | "expired"
  /** The user has said no at the provider. */
  | "denied"
  /** What the provider has sent is not right. */
  | "failed"
  /** The email has an account already. */
  | "known-email"
  /** The account is closed. */
  | "refused"
  | "registration-closed"
  /** Accounts need a verified email here, and the provider has given none. */
  | "no-email"
  | "linked-elsewhere"
  /** The session is not the one that began to link, or its login is too long ago. */
  | "not-linked"
  /** Too many from this network. */
  | "busy";
