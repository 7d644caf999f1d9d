// A link that was sent by mail and works once. Only its digest is stored.
import { defineEntity, p } from "@mikro-orm/core";
import { v7 as uuidv7 } from "uuid";
import { User } from "./user.ts";

export const OneTimeTokenSchema = defineEntity({
  name: "OneTimeToken",
  tableName: "one_time_tokens",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    purpose: p.text(),
    digest: p.blob().unique().hidden().lazy(),
    user: () => p.manyToOne(User).deleteRule("cascade").index(),
    // The address that whoever has the link can read.
    sentTo: p.text(),
    expiresAt: p.datetime().columnType("timestamptz").index(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});

export class OneTimeToken extends OneTimeTokenSchema.class {}

OneTimeTokenSchema.setClass(OneTimeToken);
