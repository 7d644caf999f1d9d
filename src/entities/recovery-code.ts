// A recovery code: its digest. Deleted when it is used.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

export const RecoveryCodeSchema = defineEntity({
  name: "RecoveryCode",
  tableName: "recovery_codes",
  properties: {
    user: () => p.manyToOne(User).primary().deleteRule("cascade"),
    digest: p.blob().primary(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});
