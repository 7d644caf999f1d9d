// A username that nobody has and that is not free: only a digest of it, for a deleted person's name must not be readable.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

export const ReservedUsernameSchema = defineEntity({
  name: "ReservedUsername",
  tableName: "reserved_usernames",
  properties: {
    // Of the canonical form.
    digest: p.blob().primary(),
    // Who had it and may take it back. Null once the account is deleted.
    user: () => p.manyToOne(User).nullable().deleteRule("set null").index(),
    reservedUntil: p.datetime().columnType("timestamptz").index(),
  },
});
