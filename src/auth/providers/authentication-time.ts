// When a user has authenticated at a provider, and how it is asked for that: most logins go through without the user doing anything.

import type { IdentityProvider } from "../../config/sign-in/identity-providers.ts";
import { canAuthenticateAgain } from "../../config/sign-in/provider-presets.ts";
import { days, minutes, seconds, toSeconds } from "../../time.ts";

/** The library's own for `iat`. */
const clockTolerance = seconds(30);

/** No session of a provider is so old. */
const anyAge = days(365);

/** For a provider that knows `max_age` only. So far below a recent login that there is time to act. */
const newAge = minutes(5);

/** Parameters of the URL of a login. `again`: the user must do something, though the provider has a session. */
export function askForAuthentication(
  settings: IdentityProvider,
  { again }: { readonly again: boolean },
): Readonly<Record<string, string>> {
  if (!canAuthenticateAgain(settings)) return {};
  // OpenID Connect Core requires `auth_time` of an answer to any `max_age`. Not 0: with it, some providers ask for ever.
  if (!again) return { max_age: String(toSeconds(anyAge)) };
  return { prompt: "login", max_age: String(toSeconds(newAge)) };
}

/** `claim`: the `auth_time` of an ID token whose signature was checked. Null: the provider does not say, or says what cannot be. */
export function findAuthenticationTime(settings: IdentityProvider, claim: unknown): Date | null {
  if (typeof claim !== "number" || !Number.isSafeInteger(claim)) return null;
  const time = seconds(claim);
  // A time to come is a lie, and would be recent for as long as the session is open.
  if (time > Date.now() + clockTolerance) return null;
  // Nothing gets a newer one from it, so an old one says no more than none.
  if (!canAuthenticateAgain(settings) && time < Date.now() - newAge) return null;
  return new Date(time);
}
