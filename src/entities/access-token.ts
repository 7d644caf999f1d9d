// A token that a user made for a script: the schema is its columns, the class is what GraphQL shows of it.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
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

@ObjectType({ description: "A token that its owner made for a script." })
export class AccessToken extends AccessTokenSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String, { description: "What its owner called it." })
  declare name: string;

  @Field(() => String, { description: "Its beginning and its end, to tell which one it is." })
  declare hint: string;

  @Field(() => [String], { description: "What it may reach, and no more than its owner may." })
  declare scopes: string[];

  @Field(() => GraphQLDateTime)
  declare expiresAt: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "To the minute. Null while it was never used.",
  })
  declare lastUsedAt: Date | null;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;
}

AccessTokenSchema.setClass(AccessToken);
