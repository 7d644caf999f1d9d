// Which user holds which role: an index that PostgreSQL cannot build on a list of roles. Only a trigger on `users` writes it.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

/**
 * The columns have the names of those in `users`, so that one query lists all users or the holders of a role.
 */
export const RoleMemberSchema = defineEntity({
  name: "RoleMember",
  tableName: "role_members",
  properties: {
    user: () => p.manyToOne(User).primary().deleteRule("cascade").fieldName("id"),
    role: p.text().primary(),
    isActive: p.boolean(),
    emailVerifiedAt: p.datetime().columnType("timestamptz").nullable(),
    canonicalUsername: p.text(),
    canonicalEmail: p.text().nullable(),
  },
});
