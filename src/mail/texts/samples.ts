// Facts of mails that nobody gets: every text is tried with them at start.
import type { MailFacts } from "./catalogue.ts";

const common = {
  service: "Example",
  when: "28 November 2026 at 10:00 UTC",
  supportAddress: "help@example.com",
};

export const sampleFacts: MailFacts = {
  "verify-address": common,
  "reset-password": common,
  "address-change-confirm": common,
  "address-changed": common,
  invitation: common,
  "login-code": { ...common, device: "Firefox on Linux", ipAddress: "192.0.2.1" },
  "reauthentication-code": { ...common, device: "Firefox on Linux", ipAddress: "192.0.2.1" },
  "password-removed": common,
  "address-taken": common,
  "password-changed": { ...common, by: "user", accessTokens: ["backup"] },
  "password-set": { ...common, accessTokens: ["backup"] },
  "second-factor-added": { ...common, factor: "TOTP" },
  "second-factor-removed": { ...common, factor: "TOTP" },
  "second-factors-reset": { ...common, accessTokens: ["backup"] },
  "recovery-codes-replaced": common,
  "recovery-code-used": { ...common, left: 9 },
  "passkey-counter-fell": { ...common, name: "Phone", isAccepted: false },
  "identity-linked": { ...common, provider: "Google" },
  "identity-unlinked": { ...common, provider: "Google" },
  "identity-removed": { ...common, provider: "Google", accessTokens: ["backup"] },
  "username-changed": { ...common, previousUsername: "grace", username: "hopper" },
  "access-token-created": { ...common, name: "backup" },
  "token-leaked": common,
  "roles-changed": { ...common, roles: ["AUDITOR"] },
  impersonated: { ...common, by: "root" },
  "new-device": { ...common, device: "Firefox on Linux", ipAddress: "192.0.2.1" },
  "account-deleted": common,
};
