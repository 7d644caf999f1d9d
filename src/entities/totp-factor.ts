// A user's TOTP secret, sealed. At most one that is confirmed, and one that waits for its first code.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

export const TotpFactorSchema = defineEntity({
  name: "TotpFactor",
  tableName: "totp_factors",
  properties: {
    user: () => p.manyToOne(User).primary().deleteRule("cascade"),
    sealedSecret: p.blob().nullable().hidden().lazy(),
    confirmedAt: p.datetime().columnType("timestamptz").nullable(),
    // The time step of the last accepted code, RFC 6238: a code works once.
    lastStep: p.bigint("number").default(0),
    lastUsedAt: p.datetime().columnType("timestamptz").nullable(),
    pendingSealedSecret: p.blob().nullable().hidden().lazy(),
    pendingUntil: p.datetime().columnType("timestamptz").nullable(),
  },
  checks: [
    {
      name: "totp_factors_confirmed_check",
      expression: '("confirmed_at" is null) = ("sealed_secret" is null)',
    },
  ],
});
