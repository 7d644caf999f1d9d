// What the rules of accounts need to know of the configuration.
import type { DeviceKeys } from "./browsers/known-devices.ts";
import type { PasswordPolicy } from "./passwords/policy.ts";
import type { OneTimeKeys } from "./secrets/one-time-tokens.ts";

export interface AccountSettings {
  readonly isRegistrationOpen: boolean;
  readonly passwordPolicy: PasswordPolicy;
  readonly oneTimeKeys: OneTimeKeys;
  readonly deviceKeys: DeviceKeys;
}
