// An account: the schema is its columns, the class is what GraphQL shows of it.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";

export const UserSchema = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    // Both as typed; what is unique and looked up is the canonical form beside it.
    username: p.text(),
    canonicalUsername: p.text().unique(),
    email: p.text().nullable(),
    canonicalEmail: p.text().nullable().unique(),
    // As typed, and not counted before it is proven: somebody else may have it.
    pendingEmail: p.text().nullable(),
    // Hidden keeps it out of JSON, lazy keeps it out of every SELECT that does not name it.
    passwordHash: p.text().nullable().hidden().lazy(),
    roles: p.array().columnType("text[]").defaultRaw("'{}'"),
    isActive: p.boolean().default(true),
    emailVerifiedAt: p.datetime().columnType("timestamptz").nullable(),
    lastLoginAt: p.datetime().columnType("timestamptz").nullable(),
    // Lazy: what was loaded for somebody else does not have it.
    newDeviceMail: p.boolean().default(true).lazy(),
    // What device cookies are signed with: raised, the account knows none of those that are out.
    deviceGeneration: p.integer().default(0).hidden().lazy(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});

@ObjectType({ description: "An account." })
export class User extends UserSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String)
  declare username: string;

  @Field(() => String, { nullable: true })
  declare email: string | null;

  @Field(() => [String])
  declare roles: Opt<string[]>;

  @Field(() => Boolean, { description: "Whether it may log in." })
  declare isActive: Opt<boolean>;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { nullable: true })
  declare lastLoginAt: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether its owner gets a mail after a login from a new device. Null for everybody but the owner.",
  })
  declare newDeviceMail: Opt<boolean>;
}

UserSchema.setClass(User);
