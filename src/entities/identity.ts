// A login with a provider that a user has. The schema defines its columns, the class what GraphQL shows.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { Node } from "./node.ts";
import { User } from "./user.ts";

export const IdentitySchema = defineEntity({
  name: "Identity",
  tableName: "identities",
  // Never the email, which a provider may give to another person.
  uniques: [{ properties: ["issuer", "subject"] }],
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    user: () => p.manyToOne(User).deleteRule("cascade").index(),
    // The id in IDENTITY_PROVIDERS, when it was last used.
    provider: p.text(),
    issuer: p.text().hidden().lazy(),
    subject: p.text().hidden().lazy(),
    // As the provider said at the last login, verified or not. For people; nothing looks it up.
    email: p.text().nullable(),
    linkedAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    lastUsedAt: p.datetime().columnType("timestamptz").nullable(),
  },
});

@ObjectType({
  implements: Node,
  description: "A login with a provider, such as Google, that opens the account.",
})
export class Identity extends IdentitySchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String, { description: "The id of the provider, as loginMethods lists it." })
  declare provider: string;

  @Field(() => String, {
    nullable: true,
    description: "The email that the provider told. It may differ from the account's.",
  })
  declare email: string | null;

  @Field(() => GraphQLDateTime)
  declare linkedAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { nullable: true, description: "The last login. Null if there was none." })
  declare lastUsedAt: Date | null;
}

IdentitySchema.setClass(Identity);
