// One login on one device: the schema is its columns, the class is what GraphQL shows of it.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { User } from "./user.ts";

export const SessionSchema = defineEntity({
  name: "Session",
  tableName: "sessions",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    user: () => p.manyToOne(User).deleteRule("cascade").index(),
    // Digests of two independent secrets. Either may be missing; neither can be turned back.
    cookieDigest: p.blob().nullable().unique().hidden().lazy(),
    tokenDigest: p.blob().nullable().unique().hidden().lazy(),
    userAgent: p.text().nullable(),
    ipAddress: p.text().nullable(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    lastUsedAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    authenticatedAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    idleExpiresAt: p.datetime().columnType("timestamptz"),
    absoluteExpiresAt: p.datetime().columnType("timestamptz"),
    // Of an impersonation: the session of whoever acts as the user. It ends with that one.
    actorSession: () => p.manyToOne(Session).deleteRule("cascade").nullable(),
  },
  uniques: [
    // One at a time. Partial, so that it costs other logins nothing.
    {
      name: "sessions_actor_session_id_unique",
      properties: ["actorSession"],
      where: '"actor_session_id" is not null',
    },
  ],
  checks: [
    // A browser must not become somebody else without showing it: a token only.
    {
      name: "sessions_impersonation_check",
      expression: '"actor_session_id" is null or "cookie_digest" is null',
    },
  ],
});

@ObjectType({ description: "One login on one device." })
export class Session extends SessionSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { description: "To the minute." })
  declare lastUsedAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { description: "When it ends if it is not used again." })
  declare expiresAt: Date;

  @Field(() => Boolean, { description: "Whether this request came with it." })
  declare current: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "Such as “Firefox on Windows”: what the user agent says of itself. Null when it says nothing.",
  })
  declare device: string | null;

  @Field(() => String, { nullable: true })
  declare userAgent: string | null;

  @Field(() => String, { nullable: true })
  declare ipAddress: string | null;

  @Field(() => Boolean)
  declare hasCookie: boolean;

  @Field(() => Boolean)
  declare hasToken: boolean;

  @Field(() => ID, { nullable: true, description: "Who acts as the user in it. Null in the user's own." })
  declare impersonatedBy: string | null;
}

SessionSchema.setClass(Session);
