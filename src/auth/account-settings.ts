// What the rules of accounts need to know of the configuration.
import type { IsBreached } from "./breached-passwords.ts";
import type { DeviceKeys } from "./known-devices.ts";
import type { OneTimeKeys } from "./one-time-tokens.ts";

export interface AccountSettings {
  readonly isRegistrationOpen: boolean;
  readonly isBreached: IsBreached;
  readonly oneTimeKeys: OneTimeKeys;
  readonly deviceKeys: DeviceKeys;
}
