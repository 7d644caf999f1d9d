// What the rules of accounts need to know of the configuration.
import type { DeviceKeys } from "./known-devices.ts";
import type { OneTimeKeys } from "./one-time-tokens.ts";
import type { PasswordPolicy } from "./text/new-passwords.ts";

export interface AccountSettings {
  readonly isRegistrationOpen: boolean;
  readonly passwordPolicy: PasswordPolicy;
  readonly oneTimeKeys: OneTimeKeys;
  readonly deviceKeys: DeviceKeys;
}
