// One security event: the schema is its columns, the class is what GraphQL shows of it.
import { defineEntity, p } from "@mikro-orm/core";
import { GraphQLDateTime, GraphQLJSONObject } from "graphql-scalars";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { AuditEventType } from "./audit-event-type.ts";

/** What an event tells beyond its columns. No nesting, and nothing that opens anything. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export const AuditEventSchema = defineEntity({
  name: "AuditEvent",
  tableName: "audit_events",
  properties: {
    // A number of the database's, because servers' clocks differ: whatever pages by it misses nothing.
    id: p.bigint("string").primary().autoincrement(),
    // To the millisecond, as JavaScript keeps it: the seal must read what was written.
    at: p.datetime().columnType("timestamptz(3)").defaultRaw("clock_timestamp()"),
    type: p.text(),
    // No foreign keys: history outlives the account, the administrator and the session.
    userId: p.uuid().nullable(),
    actorId: p.uuid().nullable(),
    sessionId: p.uuid().nullable(),
    details: p.json<AuditDetails>().defaultRaw("'{}'"),
    // What tells of a person. The chain holds commitments instead, so that it survives their deletion.
    ipAddress: p.text().nullable(),
    userAgent: p.text().nullable(),
    personal: p.json<AuditDetails>().nullable(),
    /** Of events that are recorded once a window. */
    windowKey: p.text().nullable(),
    // Given when the event is sealed, which is when its place in the chain is known.
    sequence: p.bigint("string").nullable().unique(),
    sealedAt: p.datetime().columnType("timestamptz(3)").nullable(),
    mac: p.blob().nullable(),
    clientSalt: p.blob().nullable(),
    clientCommitment: p.blob().nullable(),
    personalSalt: p.blob().nullable(),
    personalCommitment: p.blob().nullable(),
  },
  indexes: [
    { properties: ["userId", "id"] },
    { properties: ["type", "id"] },
    { properties: ["userId", "type", "id"] },
    { properties: ["actorId"] },
    // Of what is not sealed yet, which is little, however many events there are.
    { name: "audit_events_unsealed_index", properties: ["id"], where: '"sequence" is null' },
  ],
  uniques: [
    {
      name: "audit_events_window_key_unique",
      properties: ["windowKey"],
      where: '"window_key" is not null',
    },
  ],
});

@ObjectType({ description: "A security event." })
export class AuditEvent extends AuditEventSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => GraphQLDateTime, { description: "By the clock of the database." })
  declare at: Date;

  @Field(() => AuditEventType)
  declare type: AuditEventType;

  @Field(() => ID, { nullable: true, description: "Whose account. Null when there is none of that name." })
  declare userId: string | null;

  @Field(() => ID, { nullable: true, description: "Who did it. Null when nobody was logged in." })
  declare actorId: string | null;

  @Field(() => ID, { nullable: true })
  declare sessionId: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Of whoever did it; not shown to those on whose account somebody else acted.",
  })
  declare ipAddress: string | null;

  @Field(() => String, { nullable: true, description: "Shown to whom the address is shown." })
  declare userAgent: string | null;

  @Field(() => GraphQLJSONObject, { description: "What else there is to tell of this kind of event." })
  declare details: AuditDetails;
}

AuditEventSchema.setClass(AuditEvent);

// Here and not beside the enum: the rules use it, and commands have rules without any GraphQL.
registerEnumType(AuditEventType, {
  name: "AuditEventType",
  description: "What happened.",
  valuesConfig: {
    LOGIN_FAILED: {
      description:
        "A password was wrong, at a login or wherever else one is asked for. At most once an account, network and quarter of an hour.",
    },
    SESSION_REVOKED: { description: "A session was ended by something else than its own logout." },
    ACCOUNT_CREATED: { description: "Somebody else made the account." },
    ACCOUNT_REGISTERED: { description: "A person made the account for themselves." },
    NEW_DEVICE_MAIL_CHANGED: { description: "Whether the owner is told of logins from new devices." },
    PERSON_FORGOTTEN: { description: "Addresses, devices and names were deleted from the account's events." },
    LIMIT_REACHED: { description: "At most once an account, network and quarter of an hour." },
    ACCESS_REFUSED: {
      description:
        "A field was asked for, or an account acted on, without the right to. At most once an account, network and quarter of an hour.",
    },
    ONE_TIME_TOKEN_REFUSED: {
      description:
        "A link was used that is over, or never was one. At most once an account, network and quarter of an hour.",
    },
    UNKNOWN: { description: "Written by a newer server, which knows more kinds than this one." },
  },
});
