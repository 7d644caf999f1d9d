// A user. The schema defines its columns, the class what GraphQL shows.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { Node } from "./node.ts";

export const UserSchema = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    // Both as typed. The canonical form beside each is unique, and is used to find the user.
    username: p.text(),
    canonicalUsername: p.text().unique(),
    // The same for names that look alike. Null for a user from before this column whose name looks like an older user's.
    usernameSkeleton: p.text().nullable().unique().hidden().lazy(),
    email: p.text().nullable(),
    canonicalEmail: p.text().nullable().unique(),
    // As typed, and not unique until it is verified: it may belong to another user.
    pendingEmail: p.text().nullable(),
    // Hidden excludes it from JSON, lazy excludes it from every SELECT that does not name it.
    passwordHash: p.text().nullable().hidden().lazy(),
    roles: p.array().columnType("text[]").defaultRaw("'{}'"),
    isActive: p.boolean().default(true),
    emailVerifiedAt: p.datetime().columnType("timestamptz").nullable(),
    lastLoginAt: p.datetime().columnType("timestamptz").nullable(),
    // Lazy: rows loaded for other viewers do not contain it.
    newDeviceMail: p.boolean().default(true).lazy(),
    // Part of the signature of device cookies: raising it makes all existing ones invalid.
    deviceGeneration: p.integer().default(0).hidden().lazy(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});

@ObjectType({ implements: Node, description: "A user." })
export class User extends UserSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String)
  declare username: string;

  @Field(() => String, { nullable: true })
  declare email: string | null;

  @Field(() => [String])
  declare roles: Opt<string[]>;

  @Field(() => Boolean, { description: "Whether the user may log in." })
  declare isActive: Opt<boolean>;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { nullable: true })
  declare lastLoginAt: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether the user gets a mail after a login from a new device. Null for other viewers.",
  })
  declare newDeviceMail: Opt<boolean>;
}

UserSchema.setClass(User);
