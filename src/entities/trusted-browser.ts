// A trusted browser: spares its user the second step of a login. The schema defines its columns, the class what GraphQL shows.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { Node } from "./node.ts";
import { User } from "./user.ts";

export const TrustedBrowserSchema = defineEntity({
  name: "TrustedBrowser",
  tableName: "trusted_browsers",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    user: () => p.manyToOne(User).deleteRule("cascade").index(),
    digest: p.blob().unique().hidden().lazy(),
    // Those of the user when the browser was trusted: every change of the password or of a factor raises one of them.
    generation: p.integer().hidden().lazy(),
    factorEpoch: p.integer().hidden().lazy(),
    userAgent: p.text().nullable(),
    ipAddress: p.text().nullable(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    lastUsedAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    expiresAt: p.datetime().columnType("timestamptz").index(),
  },
});

@ObjectType({ implements: Node, description: "A browser that need not repeat the second step of a login." })
export class TrustedBrowser extends TrustedBrowserSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String, {
    nullable: true,
    description: "Such as “Firefox on Windows”, from the user agent. Null if the user agent is unknown.",
  })
  declare device: string | null;

  @Field(() => String, { nullable: true })
  declare userAgent: string | null;

  @Field(() => String, { nullable: true })
  declare ipAddress: string | null;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;

  @Field(() => GraphQLDateTime)
  declare lastUsedAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { description: "When the second step is asked for again." })
  declare expiresAt: Date;
}

TrustedBrowserSchema.setClass(TrustedBrowser);
