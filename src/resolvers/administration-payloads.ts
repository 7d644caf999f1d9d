// What the mutations on somebody else's account answer.
import { Authorized, Field, ID, ObjectType } from "type-graphql";
import { User } from "../entities/user.ts";

@ObjectType()
abstract class AdministrationPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID)
  userId!: string;

  // Whoever may deactivate accounts may not for that see their addresses.
  @Authorized("users:read")
  @Field(() => User, { nullable: true, description: "The account as it is now." })
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
