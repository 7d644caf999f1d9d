// How much of a rate limit's budget is spent, and until when.
import { defineEntity, p } from "@mikro-orm/core";

export const RateLimitSchema = defineEntity({
  name: "RateLimit",
  tableName: "rate_limits",
  properties: {
    /** The budget's name, and an HMAC of its subject: a copy of the table identifies no user. */
    key: p.text().primary(),
    points: p.integer(),
    expiresAt: p.datetime().columnType("timestamptz").index(),
    /** How many of the points are spent by password checks that have no result yet. Theirs ends by itself, in case a server dies. */
    inFlight: p.integer().default(0),
    inFlightUntil: p.datetime().columnType("timestamptz").nullable(),
  },
});
