// A one-time token: the secret of a link sent by mail. Only its digest is stored.
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
    // The email that the link was sent to.
    sentTo: p.text(),
    expiresAt: p.datetime().columnType("timestamptz").index(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});

export class OneTimeToken extends OneTimeTokenSchema.class {}

OneTimeTokenSchema.setClass(OneTimeToken);
