// A known device: a digest of a browser and network that a user has logged in from, which only the server can compare.
import { defineEntity, p } from "@mikro-orm/core";
import { User } from "./user.ts";

export const KnownDeviceSchema = defineEntity({
  name: "KnownDevice",
  tableName: "known_devices",
  properties: {
    user: () => p.manyToOne(User).primary().deleteRule("cascade"),
    // An HMAC of device and network under a key outside the database: without the key, it can be neither read
    // nor guessed.
    digest: p.blob().primary(),
    // Rounded to the day.
    lastSeenAt: p.datetime().columnType("timestamptz").defaultRaw("now()").index(),
  },
});
