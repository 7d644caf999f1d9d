// An access token of a user. The schema defines its columns, the class what GraphQL shows.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { Node } from "./node.ts";
import { User } from "./user.ts";

export const AccessTokenSchema = defineEntity({
  name: "AccessToken",
  tableName: "access_tokens",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    user: () => p.manyToOne(User).deleteRule("cascade").index(),
    name: p.text(),
    digest: p.blob().unique().hidden().lazy(),
    hint: p.text(),
    scopes: p.array().columnType("text[]"),
    expiresAt: p.datetime().columnType("timestamptz").index(),
    lastUsedAt: p.datetime().columnType("timestamptz").nullable(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});

@ObjectType({ implements: Node, description: "A token that a user created for a script." })
export class AccessToken extends AccessTokenSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String, { description: "The name that the user chose." })
  declare name: string;

  @Field(() => String, { description: "The first and last characters of the token, to recognize it." })
  declare hint: string;

  @Field(() => [String], { description: "The scopes of the token. It can never do more than its user." })
  declare scopes: string[];

  @Field(() => GraphQLDateTime)
  declare expiresAt: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Accurate to the minute. Null if it was never used.",
  })
  declare lastUsedAt: Date | null;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;
}

AccessTokenSchema.setClass(AccessToken);
