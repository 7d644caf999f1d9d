// Administering accounts. None of these fields has a scope: no script does this.

import { Arg, Authorized, Ctx, Field, ID, InputType, Mutation, Resolver } from "type-graphql";
import { Charged } from "../auth/access/decorators.ts";
import { deactivate, reactivate, revokeSessions } from "../auth/administration/activation.ts";
import { administer } from "../auth/administration/administer.ts";
import { inviteUser } from "../auth/administration/invitation.ts";
import { sendPasswordReset } from "../auth/administration/password-reset-request.ts";
import { assignRoles } from "../auth/administration/role-assignment.ts";
import { updateNames } from "../auth/administration/update.ts";
import type { Context } from "../auth/context.ts";
import { findShownUser } from "../auth/users/shown-user.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import {
  CreateUserPayload,
  DeactivateUserPayload,
  ReactivateUserPayload,
  RevokeSessionsPayload,
  SendPasswordResetPayload,
  SetRolesPayload,
  UpdateUserPayload,
} from "./administration-payloads.ts";
import { CurrentViewer } from "./current-viewer.ts";
import { unwrap } from "./unwrap.ts";

@InputType()
class CreateUserInput {
  @Field(() => String, { description: "Letters and digits; dots, hyphens and underscores inside." })
  username!: string;

  @Field(() => String, { description: "Gets the invitation, in which the owner chooses a password." })
  email!: string;

  @Field(() => [String], {
    nullable: true,
    description: "Needs users:set-roles, and a login of the last ten minutes.",
  })
  roles!: string[] | null;
}

@InputType({ description: "What is left out stays as it is." })
class UpdateUserInput {
  @Field(() => String, { nullable: true })
  username!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Not proven by this: the address gets a link. Needs a login of the last ten minutes.",
  })
  email!: string | null;
}

@Resolver()
export class AdministrationResolver {
  @Charged("by its own rules")
  @Authorized("users:create")
  @Mutation(() => CreateUserPayload, {
    nullable: true,
    description:
      "Makes an account and mails an invitation, which holds for three days: nobody else chooses the password.",
  })
  async createUser(
    @Arg("input", () => CreateUserInput) { username, email, roles }: CreateUserInput,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const invited = await inviteUser(context, { viewer, username, email, roles: roles ?? [] });
    return answer(context, unwrap(invited), "The account is made. An invitation is on its way.");
  }

  @Charged("by its own rules")
  @Authorized("users:update")
  @Mutation(() => UpdateUserPayload, {
    nullable: true,
    description: "The owner of a proven address is told there of a new one, and can take that back.",
  })
  async updateUser(
    @Arg("id", () => ID) id: string,
    @Arg("input", () => UpdateUserInput) { username = null, email = null }: Partial<UpdateUserInput>,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const act = updateNames({ username, email }, context.services.oneTimeKeys);
    const asked = { viewer, id, permission: "users:update", needsRecentLogin: email !== null } as const;
    unwrap(await administer(context, asked, act));
    return answer(context, id, "The account is changed.");
  }

  @Authorized("users:deactivate")
  @Mutation(() => DeactivateUserPayload, {
    nullable: true,
    description: "Ends its sessions, access tokens and links, and lets nobody log in to it.",
  })
  async deactivateUser(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:deactivate" } as const;
    unwrap(await administer(context, asked, deactivate));
    return answer(context, id, "The account is deactivated.");
  }

  @Authorized("users:reactivate")
  @Mutation(() => ReactivateUserPayload, {
    nullable: true,
    description: "Its owner may log in again. What deactivation ended stays ended.",
  })
  async reactivateUser(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:reactivate" } as const;
    unwrap(await administer(context, asked, reactivate));
    return answer(context, id, "The account is active.");
  }

  @Authorized("users:set-roles")
  @Mutation(() => SetRolesPayload, {
    nullable: true,
    description:
      "Replaces the roles. Needs a login of the last ten minutes; nobody gives what they do not hold.",
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
      "Mails the owner a link to choose a password; an invitation that was not used yet is sent again.",
  })
  async sendPasswordReset(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:send-password-reset" } as const;
    unwrap(await administer(context, asked, sendPasswordReset(context.services.oneTimeKeys)));
    return answer(context, id, "A mail is on its way to the owner.");
  }

  @Authorized("users:revoke-sessions")
  @Mutation(() => RevokeSessionsPayload, {
    nullable: true,
    description: "Logs the account out everywhere. Access tokens stay.",
  })
  async revokeSessions(
    @Arg("userId", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const asked = { viewer, id, permission: "users:revoke-sessions" } as const;
    unwrap(await administer(context, asked, revokeSessions));
    return answer(context, id, "The account is logged out everywhere.");
  }
}

const answer = async ({ database }: Context, id: string, message: string) => {
  const user = await findShownUser(database, id);
  return { message, userId: user?.id ?? id, user };
};
