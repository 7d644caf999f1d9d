// A user. The schema defines its columns, the class what GraphQL shows.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { Node } from "./node.ts";
import { OwnOnly, OwnOr, ShownToOthers } from "./own.ts";

/** Lazy columns are in no SELECT that does not name them: a user who is loaded for others has only what others see. */
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
    canonicalUsername: p.text().unique().lazy(),
    // The same for names that look alike. Null for a user from before this column whose name looks like an older user's.
    usernameSkeleton: p.text().nullable().unique().hidden().lazy(),
    // As typed, and not unique: others may call themselves the same.
    displayName: p.text().nullable(),
    // A BCP 47 tag in its canonical form. Null: the default of the service.
    locale: p.text().nullable().lazy(),
    email: p.text().nullable().lazy(),
    canonicalEmail: p.text().nullable().unique().lazy(),
    // As typed, and not unique until it is verified: it may belong to another user.
    pendingEmail: p.text().nullable().lazy(),
    // Hidden excludes it from JSON.
    passwordHash: p.text().nullable().hidden().lazy(),
    roles: p.array().columnType("text[]").defaultRaw("'{}'").lazy(),
    isActive: p.boolean().default(true).lazy(),
    emailVerifiedAt: p.datetime().columnType("timestamptz").nullable().lazy(),
    lastLoginAt: p.datetime().columnType("timestamptz").nullable().lazy(),
    newDeviceMail: p.boolean().default(true).lazy(),
    // Part of the signature of device cookies: raising it makes all existing ones invalid.
    deviceGeneration: p.integer().default(0).hidden().lazy(),
    // Every change of a second factor raises it.
    factorEpoch: p.integer().default(0).hidden().lazy(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()").lazy(),
  },
});

@OwnOr<Pick<User, "id">>("users:read", { scope: "profile:read", ownerOf: ({ id }) => id })
@ObjectType({
  implements: Node,
  description: "A user. Other viewers see id, username and displayName. All other fields are null for them.",
})
export class User extends UserSchema.class {
  @ShownToOthers()
  @Field(() => ID)
  declare id: string;

  @ShownToOthers()
  @Field(() => String)
  declare username: string;

  @ShownToOthers()
  @Field(() => String, {
    nullable: true,
    description: "The name that the user chose. Not unique: only the username identifies a user.",
  })
  declare displayName: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The language of the user, as a BCP 47 tag such as de-AT. Null: the default of the service.",
  })
  declare locale: string | null;

  @Field(() => String, { nullable: true })
  declare email: string | null;

  @Field(() => [String], { nullable: true })
  declare roles: Opt<string[]>;

  @Field(() => Boolean, { nullable: true, description: "Whether the user may log in." })
  declare isActive: Opt<boolean>;

  @Field(() => GraphQLDateTime, { nullable: true })
  declare createdAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { nullable: true })
  declare lastLoginAt: Date | null;

  @OwnOnly()
  @Field(() => Boolean, {
    nullable: true,
    description: "Whether the user gets a mail after a login from a new device. Null for other viewers.",
  })
  declare newDeviceMail: Opt<boolean>;
}

UserSchema.setClass(User);
