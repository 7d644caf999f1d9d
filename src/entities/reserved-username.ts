// A reserved username: no user has it, but it is not free. Only its digest is stored, so that a deleted user's name is not readable.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

export const ReservedUsernameSchema = defineEntity({
  name: "ReservedUsername",
  tableName: "reserved_usernames",
  properties: {
    // Digest of the canonical form.
    digest: p.blob().primary(),
    // Digest of the skeleton: names that look alike are reserved too. Null for a reservation from before this column.
    skeletonDigest: p.blob().nullable().index(),
    // The former owner, who may take it back. Null once that user is deleted.
    user: () => p.manyToOne(User).nullable().deleteRule("set null").index(),
    reservedUntil: p.datetime().columnType("timestamptz").index(),
  },
});
