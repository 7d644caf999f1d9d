// All entities. Add yours to the list.
import { AccessToken } from "./access-token.ts";
import { AuditAnchorSchema } from "./audit-anchor.ts";
import { AuditEvent } from "./audit-event.ts";
import { Identity } from "./identity.ts";
import { KnownDeviceSchema } from "./known-device.ts";
import { LiveFollowerSchema } from "./live-follower.ts";
import { OneTimeToken } from "./one-time-token.ts";
import { Passkey } from "./passkey.ts";
import { ProofChallengeSchema } from "./proof-challenge.ts";
import { ProviderLoginSchema } from "./provider-login.ts";
import { RateLimitSchema } from "./rate-limit.ts";
import { RecoveryCodeSchema } from "./recovery-code.ts";
import { ReservedUsernameSchema } from "./reserved-username.ts";
import { RoleSchema } from "./role.ts";
import { RoleMemberSchema } from "./role-member.ts";
import { Session } from "./session.ts";
import { TotpFactorSchema } from "./totp-factor.ts";
import { TrustedBrowser } from "./trusted-browser.ts";
import { User } from "./user.ts";

// biome-ignore format: one a line, so that yours is one line too
export const entities = [
  User,
  ReservedUsernameSchema,
  Session,
  AccessToken,
  OneTimeToken,
  AuditEvent,
  AuditAnchorSchema,
  RoleSchema,
  RoleMemberSchema,
  RateLimitSchema,
  KnownDeviceSchema,
  TotpFactorSchema,
  RecoveryCodeSchema,
  Passkey,
  TrustedBrowser,
  ProofChallengeSchema,
  Identity,
  ProviderLoginSchema,
  LiveFollowerSchema,
];
