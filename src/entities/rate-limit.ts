// How much of a budget is spent, and until when.
import { defineEntity, p } from "@mikro-orm/core";

export const RateLimitSchema = defineEntity({
  name: "RateLimit",
  tableName: "rate_limits",
  properties: {
    /** The budget's name, and an HMAC of whose it is: a copy of the table names nobody. */
    key: p.text().primary(),
    points: p.integer(),
    expiresAt: p.datetime().columnType("timestamptz").index(),
  },
});
