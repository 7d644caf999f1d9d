// A login that waits at a provider: what must come back with the browser.
import { defineEntity, p } from "@mikro-orm/core";
import { v7 as uuidv7 } from "uuid";
import { Session } from "./session.ts";
import { User } from "./user.ts";

export const ProviderLoginSchema = defineEntity({
  name: "ProviderLogin",
  tableName: "provider_logins",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    stateDigest: p.blob().unique().hidden().lazy(),
    // The digest of the cookie: another browser cannot complete the login.
    browserDigest: p.blob().hidden().lazy(),
    provider: p.text(),
    // The nonce and the PKCE verifier.
    sealedSecrets: p.blob().hidden().lazy(),
    // Set when it links a provider to the user of this session. Null: it logs in.
    user: () => p.manyToOne(User).deleteRule("cascade").nullable().index(),
    session: () => p.manyToOne(Session).deleteRule("cascade").nullable().index(),
    returnTo: p.text(),
    // Set when an app has begun it: the digest of the verifier that the app keeps. Null: it ends in this browser.
    appChallenge: p.blob().nullable().hidden().lazy(),
    expiresAt: p.datetime().columnType("timestamptz").index(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});
