// The viewer's passkeys, and logins with one. No field here has a scope.

import { GraphQLDateTime, GraphQLJSONObject } from "graphql-scalars";
import { Arg, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { AllowUnenrolled, Charged, Public, ReadsNodes } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { countLogin } from "../../auth/flows/counted-login.ts";
import { removePasskey, renamePasskey } from "../../auth/flows/passkeys/changes.ts";
import { addPasskey, startPasskey } from "../../auth/flows/passkeys/enrolment.ts";
import { loginWithPasskey, startPasskeyLogin } from "../../auth/flows/passkeys/login.ts";
import { listPasskeys, selectPasskeyIds } from "../../auth/passkeys/rows.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { Passkey } from "../../entities/passkey.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";
import { LoginMode, LoginPayload, toLoginPayload, wantedBy } from "./login-payload.ts";

@ObjectType({ description: "The payload of startPasskey. Valid for five minutes." })
class StartPasskeyPayload {
  @Field(() => GraphQLJSONObject, {
    description:
      "For navigator.credentials.create, as PublicKeyCredential.parseCreationOptionsFromJSON reads it.",
  })
  options!: object;
}

@ObjectType({ description: "The payload of addPasskey." })
class AddPasskeyPayload {
  @Field(() => String)
  message!: string;

  @Field(() => Passkey)
  passkey!: object;

  @Field(() => [String], {
    nullable: true,
    description:
      "Set when this is the viewer's first second factor. Shown only once. Each stands in once for a second factor.",
  })
  recoveryCodes!: readonly string[] | null;
}

@ObjectType({ description: "The payload of renamePasskey." })
class RenamePasskeyPayload {
  @Field(() => String)
  message!: string;

  @Field(() => Passkey)
  passkey!: object;
}

@ObjectType({
  description:
    "The payload of removePasskey, with what PublicKeyCredential.signalUnknownCredential and signalAllAcceptedCredentials take. All of it is in base64url.",
})
class RemovePasskeyPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID, { description: "The passkey that is removed." })
  passkeyId!: string;

  @Field(() => String)
  rpId!: string;

  @Field(() => String, { description: "Of the passkey that is removed." })
  credentialId!: string;

  @Field(() => String, { description: "The user's, in all of the user's passkeys." })
  userHandle!: string;

  @Field(() => [String], { description: "The credential ids of the passkeys that are left." })
  acceptedCredentialIds!: readonly string[];
}

@ObjectType({ description: "The payload of startPasskeyLogin." })
class StartPasskeyLoginPayload {
  @Field(() => GraphQLJSONObject, {
    description:
      "For navigator.credentials.get, as PublicKeyCredential.parseRequestOptionsFromJSON reads it. It lists no passkeys: the user chooses one.",
  })
  options!: object;

  @Field(() => String, {
    description: "For loginWithPasskey. For a login with a cookie, it needs the cookie of this response too.",
  })
  pendingToken!: string;

  @Field(() => GraphQLDateTime)
  expiresAt!: Date;
}

@Resolver(() => Passkey)
export class PasskeyResolver {
  @AllowUnenrolled()
  @ReadsNodes({
    type: "Passkey",
    select: ({ userId }, ids) => selectPasskeyIds(userId, ids),
    read: ({ database }, { userId }, ids) => listPasskeys(database, userId, ids),
  })
  @Query(() => [Passkey], { nullable: true, description: "The viewer's passkeys, newest first." })
  passkeys(@CurrentViewer() { userId }: Viewer, @Ctx() { database }: Context) {
    return listPasskeys(database, userId);
  }

  @AllowUnenrolled()
  @Mutation(() => StartPasskeyPayload, {
    nullable: true,
    description:
      "Begins to add a passkey. Requires a recent login, and a verified email if there is an email.",
  })
  async startPasskey(@CurrentViewer() viewer: Viewer, @Ctx() context: Context): Promise<StartPasskeyPayload> {
    return { options: unwrap(await startPasskey(context, { viewer })) };
  }

  @AllowUnenrolled()
  @Charged("by its own rules")
  @Mutation(() => AddPasskeyPayload, {
    nullable: true,
    description:
      "Adds the passkey that the authenticator has created. Requires what startPasskey requires. Each response can be sent once.",
  })
  async addPasskey(
    @Arg("response", () => GraphQLJSONObject, {
      description: "What navigator.credentials.create has returned, as its toJSON() writes it.",
    })
    response: object,
    @Arg("name", () => String, {
      nullable: true,
      description: "1 to 100 visible characters. If it is left out, the passkey is named after the device.",
    })
    name: string | null,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<AddPasskeyPayload> {
    const added = unwrap(await addPasskey(context, { viewer, response, name: name ?? null }));
    const codes = added.recoveryCodes === null ? "" : " Keep the recovery codes in a safe place.";
    return { message: `The passkey is added.${codes}`, ...added };
  }

  @Mutation(() => RenamePasskeyPayload, { nullable: true, description: "Gives a passkey another name." })
  async renamePasskey(
    @Arg("id", () => ID) id: string,
    @Arg("name", () => String) name: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<RenamePasskeyPayload> {
    const passkey = unwrap(await renamePasskey(context, { viewer, id, name }));
    return { message: "The passkey has a new name.", passkey };
  }

  @Mutation(() => RemovePasskeyPayload, {
    nullable: true,
    description:
      "Removes a passkey. Requires a recent login with a second factor. Refused for the last way into an account.",
  })
  async removePasskey(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<RemovePasskeyPayload> {
    const removed = unwrap(await removePasskey(context, { viewer, id }));
    return { message: "The passkey is removed.", ...removed };
  }

  @Public()
  @Charged("passkey.ip")
  @Mutation(() => StartPasskeyLoginPayload, {
    nullable: true,
    description: "Begins a login with a passkey. No name is asked for.",
  })
  startPasskeyLogin(@Ctx() context: Context): Promise<StartPasskeyLoginPayload> {
    return startPasskeyLogin(context);
  }

  @Public()
  @Charged("passkey.ip")
  @Mutation(() => LoginPayload, {
    nullable: true,
    description:
      "Logs in with a passkey, which is both factors. The response is the same for a passkey that nobody has, and for a wrong one.",
  })
  async loginWithPasskey(
    @Arg("pendingToken", () => String) pendingToken: string,
    @Arg("response", () => GraphQLJSONObject, {
      description: "What navigator.credentials.get has returned, as its toJSON() writes it.",
    })
    response: object,
    @Arg("mode", () => LoginMode, {
      defaultValue: LoginMode.SESSION_AND_TOKEN,
      description: "With a cookie, the login must be completed by the browser that began it.",
    })
    mode: LoginMode,
    @Ctx() context: Context,
  ) {
    return toLoginPayload(
      await countLogin(context, "passkey", () =>
        loginWithPasskey(context, { pendingToken, response, ...wantedBy(mode) }),
      ),
    );
  }
}
