// A passkey of a user. The schema defines its columns, the class what GraphQL shows.
import { defineEntity, type Opt, p } from "@mikro-orm/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, ObjectType } from "type-graphql";
import { v7 as uuidv7 } from "uuid";
import { Node } from "./node.ts";
import { User } from "./user.ts";

export const PasskeySchema = defineEntity({
  name: "Passkey",
  tableName: "passkeys",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    user: () => p.manyToOne(User).deleteRule("cascade").index(),
    // Unique over all users, WebAuthn section 7.1: otherwise a user could register another's credential.
    credentialId: p.blob().unique().hidden().lazy(),
    // In COSE form, RFC 9053.
    publicKey: p.blob().hidden().lazy(),
    // The same random handle for all passkeys of a user: it shows no name, and no id of ours.
    userHandle: p.blob().hidden().lazy(),
    counter: p.bigint("number").default(0).hidden().lazy(),
    transports: p.array().columnType("text[]").defaultRaw("'{}'").lazy(),
    // Whether it can be synced: fixed for the life of a credential, WebAuthn section 7.2.
    backupEligible: p.boolean().hidden().lazy(),
    backedUp: p.boolean(),
    name: p.text(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    lastUsedAt: p.datetime().columnType("timestamptz").nullable(),
  },
});

@ObjectType({
  implements: Node,
  description: "A passkey: proves the user by itself, or as the second step of a login.",
})
export class Passkey extends PasskeySchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String, { description: "The name that the user chose." })
  declare name: string;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Null if it was never used." })
  declare lastUsedAt: Date | null;

  @Field(() => Boolean, {
    description: "Whether its provider keeps a copy, so that it outlives a lost device.",
  })
  declare backedUp: boolean;
}

PasskeySchema.setClass(Passkey);
