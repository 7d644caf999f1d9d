// A session: one login on one device. The schema defines its columns, the class what GraphQL shows.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { Node } from "./node.ts";
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
    // Digests of two independent secrets, cookie and token. Either may be null.
    cookieDigest: p.blob().nullable().unique().hidden().lazy(),
    tokenDigest: p.blob().nullable().unique().hidden().lazy(),
    userAgent: p.text().nullable(),
    ipAddress: p.text().nullable(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    lastUsedAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    authenticatedAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    // When a second factor was last proven in it. Null: never.
    secondFactorAt: p.datetime().columnType("timestamptz").nullable(),
    idleExpiresAt: p.datetime().columnType("timestamptz"),
    absoluteExpiresAt: p.datetime().columnType("timestamptz"),
    // For an impersonation: the session of the actor. Both end together.
    actorSession: () => p.manyToOne(Session).deleteRule("cascade").nullable(),
  },
  uniques: [
    // One impersonation at a time. Partial, so that other logins pay nothing.
    {
      name: "sessions_actor_session_id_unique",
      properties: ["actorSession"],
      where: '"actor_session_id" is not null',
    },
  ],
  checks: [
    // Impersonation works with a token only: with a cookie, the browser would become another user unnoticed.
    {
      name: "sessions_impersonation_check",
      expression: '"actor_session_id" is null or "cookie_digest" is null',
    },
  ],
});

@ObjectType({ implements: Node, description: "A session: one login on one device." })
export class Session extends SessionSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { description: "Accurate to the minute." })
  declare lastUsedAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { description: "When it expires if it is not used again." })
  declare expiresAt: Date;

  @Field(() => Boolean, { description: "Whether this request uses it." })
  declare current: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Such as “Firefox on Windows”, from the user agent. Null if the user agent is unknown.",
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

  @Field(() => ID, {
    nullable: true,
    description: "The user who impersonates the session's user. Null in all other sessions.",
  })
  declare impersonatedBy: string | null;
}

SessionSchema.setClass(Session);
