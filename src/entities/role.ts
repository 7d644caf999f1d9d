// A role: its name, which users hold, and its permissions.
import { defineEntity, p } from "@mikro-orm/core";

export const RoleSchema = defineEntity({
  name: "Role",
  tableName: "roles",
  properties: {
    name: p.text().primary(),
    permissions: p.array().columnType("text[]").defaultRaw("'{}'"),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});
