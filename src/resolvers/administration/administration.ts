// Administering users. No field here has a scope: access tokens cannot do this.

import { Arg, Authorized, Ctx, Field, ID, InputType, Mutation, Resolver } from "type-graphql";
import { Charged } from "../../auth/access/decorators.ts";
import { deactivate, reactivate, revokeSessions } from "../../auth/administration/activation.ts";
import { administer } from "../../auth/administration/administer.ts";
import { inviteUser } from "../../auth/administration/invitation.ts";
import { sendPasswordReset } from "../../auth/administration/password-reset-request.ts";
import { assignRoles } from "../../auth/administration/role-assignment.ts";
import { resetSecondFactors } from "../../auth/administration/second-factors-reset.ts";
import { updateNames } from "../../auth/administration/update.ts";
import type { Context } from "../../auth/context.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";
import {
  answer,
  CreateUserPayload,
  DeactivateUserPayload,
  ReactivateUserPayload,
  ResetSecondFactorsPayload,
  RevokeSessionsPayload,
  SendPasswordResetPayload,
  SetRolesPayload,
  UpdateUserPayload,
} from "./payloads.ts";

@InputType({ description: "The input of createUser." })
class CreateUserInput {
  @Field(() => String, {
    description: "Letters and digits, with dots, hyphens and underscores between them.",
  })
  username!: string;

  @Field(() => String, { description: "Receives the invitation to choose a password." })
  email!: string;

  @Field(() => [String], {
    nullable: true,
    description: "Requires the permission users:set-roles and a login in the last ten minutes.",
  })
  roles!: string[] | null;

  @Field(() => String, { nullable: true, description: "1 to 100 visible characters." })
  displayName!: string | null;

  @Field(() => String, { nullable: true, description: "A BCP 47 tag, such as de or pt-BR." })
  locale!: string | null;
}

@InputType({ description: "Omitted fields stay unchanged." })
class UpdateUserInput {
  @Field(() => String, { nullable: true })
  username!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Not verified until the user opens the link sent to it. Requires a login in the last ten minutes.",
  })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "1 to 100 visible characters. Null removes it." })
  displayName!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A BCP 47 tag, such as de or pt-BR. Null removes it.",
  })
  locale!: string | null;
}

@Resolver()
export class AdministrationResolver {
  @Charged("by its own rules")
  @Authorized("users:create")
  @Mutation(() => CreateUserPayload, {
    nullable: true,
    description:
      "Creates a user and sends an invitation that is valid for three days. The invited user chooses the password.",
  })
  async createUser(
    @Arg("input", () => CreateUserInput) { roles, ...input }: CreateUserInput,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const invited = await inviteUser(context, { ...input, viewer, roles: roles ?? [] });
    return answer(context, unwrap(invited), "The user was created. An invitation was sent.");
  }

  @Charged("by its own rules")
  @Authorized("users:update")
  @Mutation(() => UpdateUserPayload, {
    nullable: true,
    description:
      "When a verified email is replaced, the old email gets a mail with a link that undoes the change.",
  })
  async updateUser(
    @Arg("id", () => ID) id: string,
    @Arg("input", () => UpdateUserInput)
    { username = null, email = null, ...profile }: Partial<UpdateUserInput>,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const act = updateNames({ ...profile, username, email }, context.services.oneTimeKeys);
    const asked = { viewer, id, permission: "users:update", needsRecentLogin: email !== null } as const;
    unwrap(await administer(context, asked, act));
    return answer(context, id, "The user was changed.");
  }

  @Authorized("users:deactivate")
  @Mutation(() => DeactivateUserPayload, {
    nullable: true,
    description: "Ends the user's sessions, access tokens and links, and blocks logins.",
  })
  async deactivateUser(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:deactivate" } as const;
    unwrap(await administer(context, asked, deactivate));
    return answer(context, id, "The user is deactivated.");
  }

  @Authorized("users:reactivate")
  @Mutation(() => ReactivateUserPayload, {
    nullable: true,
    description: "The user may log in again. Ended sessions, access tokens and links stay ended.",
  })
  async reactivateUser(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:reactivate" } as const;
    unwrap(await administer(context, asked, reactivate));
    return answer(context, id, "The user is active.");
  }

  @Authorized("users:set-roles")
  @Mutation(() => SetRolesPayload, {
    nullable: true,
    description:
      "Replaces the user's roles. Requires a login in the last ten minutes. A viewer can give only permissions that the viewer has.",
  })
  async setRoles(
    @Arg("id", () => ID) id: string,
    @Arg("roles", () => [String]) roles: string[],
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:set-roles", needsRecentLogin: true } as const;
    unwrap(await administer(context, asked, assignRoles(roles, context.services.authority)));
    return answer(context, id, "The roles are set.");
  }

  @Charged("by its own rules")
  @Authorized("users:send-password-reset")
  @Mutation(() => SendPasswordResetPayload, {
    nullable: true,
    description:
      "Sends the user a link to choose a password. If the invitation was not used yet, sends the invitation again.",
  })
  async sendPasswordReset(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:send-password-reset" } as const;
    unwrap(await administer(context, asked, sendPasswordReset(context.services.oneTimeKeys)));
    return answer(context, id, "A mail was sent to the user.");
  }

  @Authorized("users:revoke-sessions")
  @Mutation(() => RevokeSessionsPayload, {
    nullable: true,
    description: "Ends all of the user's sessions. Access tokens stay valid.",
  })
  async revokeSessions(
    @Arg("userId", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:revoke-sessions" } as const;
    unwrap(await administer(context, asked, revokeSessions));
    return answer(context, id, "The user is logged out everywhere.");
  }

  @Authorized("users:reset-second-factors")
  @Mutation(() => ResetSecondFactorsPayload, {
    nullable: true,
    description:
      "Removes all second factors and recovery codes of a user who has lost them, and ends all of the user's sessions. Requires a login in the last ten minutes.",
  })
  async resetSecondFactors(
    @Arg("userId", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const permission = "users:reset-second-factors";
    const asked = { viewer, id, permission, needsRecentLogin: true } as const;
    unwrap(await administer(context, asked, resetSecondFactors));
    return answer(context, id, "The user has no second factor, and is logged out everywhere.");
  }
}
