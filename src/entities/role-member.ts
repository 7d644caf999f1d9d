// Who holds which role: an index that PostgreSQL cannot make on a list of roles. A trigger on `users` writes it, and nothing else.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

/** The columns are named as in `users`, so that one query lists everybody or the holders of a role. */
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
