// The payloads of the administration mutations.
import { Authorized, Field, ID, ObjectType } from "type-graphql";
import type { Context } from "../../auth/context.ts";
import { findShownUser } from "../../auth/users/shown-user.ts";
import { User } from "../../entities/user.ts";

@ObjectType()
export abstract class AdministrationPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID)
  userId!: string;

  // The permission to deactivate users does not include reading their emails.
  @Authorized("users:read")
  @Field(() => User, { nullable: true, description: "The user after the change." })
  user!: User | null;
}

@ObjectType({ description: "The payload of createUser." })
export class CreateUserPayload extends AdministrationPayload {}

@ObjectType({ description: "The payload of updateUser." })
export class UpdateUserPayload extends AdministrationPayload {}

@ObjectType({ description: "The payload of deactivateUser." })
export class DeactivateUserPayload extends AdministrationPayload {}

@ObjectType({ description: "The payload of reactivateUser." })
export class ReactivateUserPayload extends AdministrationPayload {}

@ObjectType({ description: "The payload of setRoles." })
export class SetRolesPayload extends AdministrationPayload {}

@ObjectType({ description: "The payload of sendPasswordReset." })
export class SendPasswordResetPayload extends AdministrationPayload {}

@ObjectType({ description: "The payload of resetSecondFactors." })
export class ResetSecondFactorsPayload extends AdministrationPayload {}

@ObjectType({ description: "The payload of revokeSessions." })
export class RevokeSessionsPayload extends AdministrationPayload {}

export async function answer({ database }: Context, id: string, message: string) {
  const user = await findShownUser(database, id);
  return { message, userId: user?.id ?? id, user };
}
