// The payloads of the administration mutations.
import { Authorized, Field, ID, ObjectType } from "type-graphql";
import { User } from "../../entities/user.ts";

@ObjectType()
abstract class AdministrationPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID)
  userId!: string;

  // The permission to deactivate users does not include reading their emails.
  @Authorized("users:read")
  @Field(() => User, { nullable: true, description: "The user after the change." })
  user!: User | null;
}

@ObjectType()
export class CreateUserPayload extends AdministrationPayload {}

@ObjectType()
export class UpdateUserPayload extends AdministrationPayload {}

@ObjectType()
export class DeactivateUserPayload extends AdministrationPayload {}

@ObjectType()
export class ReactivateUserPayload extends AdministrationPayload {}

@ObjectType()
export class SetRolesPayload extends AdministrationPayload {}

@ObjectType()
export class SendPasswordResetPayload extends AdministrationPayload {}

@ObjectType()
export class RevokeSessionsPayload extends AdministrationPayload {}
