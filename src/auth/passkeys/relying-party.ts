// The relying party of WebAuthn: this service, by its settings and never by a request.
import type { PasskeySettings } from "../../config/sign-in/passkeys.ts";
import { switchedOff } from "../../errors.ts";

export interface RelyingParty extends PasskeySettings {
  /** What people call the service. */
  readonly name: string;
}

/** Throws FORBIDDEN when there are no passkeys here. */
export function requirePasskeys(relyingParty: RelyingParty | null): RelyingParty {
  if (relyingParty === null) throw switchedOff("Login with passkeys");
  return relyingParty;
}
