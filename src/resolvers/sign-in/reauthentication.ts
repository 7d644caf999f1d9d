// Proves the user again, for a recent login.

import { GraphQLDateTime, GraphQLJSONObject } from "graphql-scalars";
import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from "type-graphql";
import { AllowUnenrolled, AllowUnverified, Charged } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { ProofMethod } from "../../auth/factors/enrolled.ts";
import { reauthenticate, startReauthentication } from "../../auth/flows/reauthentication.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { CurrentViewer } from "../current-viewer.ts";

@ObjectType({ description: "How the viewer can reauthenticate." })
class ReauthenticationChallenge {
  @Field(() => [ProofMethod], {
    description: "Each is enough for a sensitive act. With a second factor, the password is not.",
  })
  methods!: readonly ProofMethod[];

  @Field(() => [ID], {
    description:
      "Linked providers, by their ids. A new login with one is recent too: `/login/<id>?prompt=login&return_to=…`. Empty for a viewer with a second factor.",
  })
  providers!: readonly string[];

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: "For navigator.credentials.get. Null without a passkey.",
  })
  passkeyOptions!: object | null;
}

@ObjectType({ description: "The payload of reauthenticate." })
class ReauthenticatePayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID, {
    nullable: true,
    description: "The session of this request, which has a new credential.",
  })
  sessionId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The new token, for requests with a token. Shown only once.",
  })
  token!: string | null;

  @Field(() => GraphQLDateTime, { description: "When the session expires if it is not used again." })
  expiresAt!: Date;
}

@Resolver()
export class ReauthenticationResolver {
  @AllowUnverified()
  @AllowUnenrolled()
  @Mutation(() => ReauthenticationChallenge, {
    nullable: true,
    description:
      "Shows how the viewer can reauthenticate, and prepares a passkey for it. Mails a code to a viewer who has neither a password nor a second factor.",
  })
  startReauthentication(@CurrentViewer() viewer: Viewer, @Ctx() context: Context) {
    return startReauthentication(context, { viewer });
  }

  // A change of the email requires it, and adding a second factor.
  @AllowUnverified()
  @AllowUnenrolled()
  @Charged("by its own rules")
  @Mutation(() => ReauthenticatePayload, {
    nullable: true,
    description:
      "Checks one proof. Replaces the credential of this request. For a viewer with a second factor, the password is not enough for sensitive acts.",
  })
  async reauthenticate(
    @Arg("password", () => String, { nullable: true }) password: string | null,
    @Arg("code", () => String, {
      nullable: true,
      description:
        "Six digits from the authenticator app, or the code that startReauthentication has mailed.",
    })
    code: string | null,
    @Arg("recoveryCode", () => String, { nullable: true }) recoveryCode: string | null,
    @Arg("passkey", () => GraphQLJSONObject, {
      nullable: true,
      description: "The response to passkeyOptions of startReauthentication, as its toJSON() writes it.",
    })
    passkey: object | null,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<ReauthenticatePayload> {
    const factors = { code: code ?? null, recoveryCode: recoveryCode ?? null, passkey: passkey ?? null };
    const renewed = await reauthenticate(context, { viewer, password: password ?? null, ...factors });
    return { ...renewed, message: "The proof is correct.", sessionId: viewer.sessionId };
  }
}
