// From where an account has logged in before, as a digest that only the server can compare.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

export const KnownDeviceSchema = defineEntity({
  name: "KnownDevice",
  tableName: "known_devices",
  properties: {
    user: () => p.manyToOne(User).primary().deleteRule("cascade"),
    // Of device and network, under a key that is not in the database: without it nothing can be read or tried out.
    digest: p.blob().primary(),
    // To the day.
    lastSeenAt: p.datetime().columnType("timestamptz").defaultRaw("now()").index(),
  },
});
