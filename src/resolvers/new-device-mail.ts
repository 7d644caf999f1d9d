// Whether the viewer is told by mail of logins from new devices.
import { Arg, Ctx, Field, FieldResolver, Mutation, ObjectType, Resolver, Root } from "type-graphql";
import type { Context } from "../auth/context.ts";
import { findNewDeviceMail, setNewDeviceMail } from "../auth/flows/new-device-mail.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { User } from "../entities/user.ts";
import { CurrentViewer } from "./current-viewer.ts";

@ObjectType()
class SetNewDeviceMailPayload {
  @Field(() => String)
  message!: string;

  @Field(() => User)
  user!: User;
}

@Resolver(() => User)
export class NewDeviceMailResolver {
  /** Known already where the account has just logged in, or set it: there the owner is sure to be asking. */
  @FieldResolver(() => Boolean, { nullable: true })
  newDeviceMail(@Root() user: Pick<User, "id" | "newDeviceMail">, @Ctx() context: Context) {
    return user.newDeviceMail ?? findNewDeviceMail(context, user.id);
  }

  @Mutation(() => SetNewDeviceMailPayload, {
    nullable: true,
    description: "Turning it off asks for a login of the last ten minutes.",
  })
  async setNewDeviceMail(
    @Arg("enabled", () => Boolean) enabled: boolean,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    await setNewDeviceMail(context, { viewer, isEnabled: enabled });
    const message = enabled ? "Logins from new devices are told by mail." : "No mail tells of new devices.";
    return { message, user: { ...viewer.user, newDeviceMail: enabled } };
  }
}
