// A proof that was asked for: a login that waits for its second step, a mailed code, the code of an app, the challenge of a passkey.
import { defineEntity, p } from "@mikro-orm/core";
import { v7 as uuidv7 } from "uuid";
import { Session } from "./session.ts";
import { User } from "./user.ts";

export const ProofChallengeSchema = defineEntity({
  name: "ProofChallenge",
  tableName: "proof_challenges",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    purpose: p.text(),
    // The digest of the pending token, or of the code that leads an app back from a provider. Null for a challenge that belongs to a session.
    digest: p.blob().nullable().unique().hidden().lazy(),
    // The digest of the pending cookie: another browser cannot use the token. Null for an app, which keeps the token itself.
    browserDigest: p.blob().nullable().index().hidden().lazy(),
    user: () => p.manyToOne(User).deleteRule("cascade").nullable().index(),
    session: () => p.manyToOne(Session).deleteRule("cascade").nullable().index(),
    // The generation of the credentials that the first proof was checked against.
    generation: p.integer().nullable(),
    // What was proven first. Null: nothing yet.
    firstProof: p.text().nullable(),
    wantsCookie: p.boolean().default(false),
    wantsToken: p.boolean().default(false),
    // Digest of the 32 bytes that a passkey signs.
    passkeyChallenge: p.blob().nullable().hidden().lazy(),
    // For a passkey that is being added: the user handle that was offered.
    userHandle: p.blob().nullable().hidden().lazy(),
    // HMAC of a mailed code; of an app, the digest of the verifier that it must show.
    codeDigest: p.blob().nullable().hidden().lazy(),
    // Where the mailed code went.
    sentTo: p.text().nullable(),
    tries: p.integer().default(0),
    expiresAt: p.datetime().columnType("timestamptz").index(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});
