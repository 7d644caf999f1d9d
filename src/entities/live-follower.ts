// A server that has a stream of ours open: while there is none, nobody is told of new sessions and security events.
import { defineEntity, p } from "@mikro-orm/core";

export const LiveFollowerSchema = defineEntity({
  name: "LiveFollower",
  tableName: "live_followers",
  properties: {
    id: p.uuid().primary(),
    seenAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});
