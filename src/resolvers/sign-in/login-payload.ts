// What a login answers, whichever way it was done: credentials, or a challenge for one more proof.

import { GraphQLDateTime, GraphQLJSONObject } from "graphql-scalars";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { AsOwner } from "../../auth/access/decorators.ts";
import type { WantedCredentials } from "../../auth/challenges/rows.ts";
import { ProofMethod } from "../../auth/factors/enrolled.ts";
import type { startSession } from "../../auth/sessions/start.ts";
import { User } from "../../entities/user.ts";
import { invalidCredentials } from "../../errors.ts";

export enum LoginMode {
  SESSION_AND_TOKEN = "SESSION_AND_TOKEN",
  SESSION = "SESSION",
  TOKEN = "TOKEN",
}
registerEnumType(LoginMode, {
  name: "LoginMode",
  description: "The credentials that a login creates.",
  valuesConfig: {
    SESSION_AND_TOKEN: { description: "A cookie and a token. Logging out with either ends both." },
    SESSION: { description: "Only a cookie. For browsers: scripts cannot read it." },
    TOKEN: { description: "Only a token, for the Authorization header. For apps." },
  },
});

registerEnumType(ProofMethod, {
  name: "ProofMethod",
  description: "How a user proves to be the user.",
  valuesConfig: {
    TOTP: { description: "Six digits from an authenticator app." },
    PASSKEY: { description: "A passkey, such as one in a phone or a security key." },
    RECOVERY_CODE: { description: "One of the ten codes that were shown when the second factor was added." },
    EMAIL_CODE: { description: "A code from a mail." },
    PASSWORD: { description: "The password." },
  },
});

@ObjectType({ description: "One more proof is asked for. Send it with completeLogin." })
export class LoginChallenge {
  @Field(() => String, {
    description:
      "Names the login that waits. It opens completeLogin and nothing else. For a login with a cookie, it needs the cookie of this response too.",
  })
  pendingToken!: string;

  @Field(() => [ProofMethod], { description: "Each is enough." })
  methods!: readonly ProofMethod[];

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      "For navigator.credentials.get, as PublicKeyCredential.parseRequestOptionsFromJSON reads it. Null without a passkey.",
  })
  passkeyOptions!: object | null;

  @Field(() => GraphQLDateTime)
  expiresAt!: Date;
}

@ObjectType({ description: "The payload of a login: either credentials, or a challenge." })
export class LoginPayload {
  @Field(() => String, { nullable: true, description: "Shown only once. Store it as safely as a password." })
  token!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "Null while one more proof is asked for, like all fields but challenge.",
  })
  userId!: string | null;

  @Field(() => String, { nullable: true })
  email!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When the session expires if it is not used again.",
  })
  expiresAt!: Date | null;

  // The request began as nobody's, or as that of the session before.
  @AsOwner()
  @Field(() => User, { nullable: true })
  user!: User | null;

  @Field(() => LoginChallenge, {
    nullable: true,
    description:
      "Set when one more proof is asked for. There is no session yet, and all other fields are null.",
  })
  challenge!: LoginChallenge | null;
}

/** Throws INVALID_CREDENTIALS for a login that has failed. */
export function toLoginPayload(started: Awaited<ReturnType<typeof startSession>>) {
  if (started === null) throw invalidCredentials();
  const { login, challenge } = started;
  if (login !== null) return { ...login, userId: login.user.id, email: login.user.email, challenge: null };
  return { ...nothingYet, challenge };
}

const nothingYet = { token: null, userId: null, email: null, expiresAt: null, user: null };

export const wantedBy = (mode: LoginMode): WantedCredentials => ({
  wantsCookie: mode !== LoginMode.TOKEN,
  wantsToken: mode !== LoginMode.SESSION,
});
