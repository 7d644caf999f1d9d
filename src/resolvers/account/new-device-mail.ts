// Sets whether the viewer gets a mail about logins from new devices.
import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import type { Context } from "../../auth/context.ts";
import { setNewDeviceMail } from "../../auth/flows/new-device-mail.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { User } from "../../entities/user.ts";
import { CurrentViewer } from "../current-viewer.ts";

@ObjectType({ description: "The payload of setNewDeviceMail." })
class SetNewDeviceMailPayload {
  @Field(() => String)
  message!: string;

  @Field(() => User)
  user!: User;
}

@Resolver()
export class NewDeviceMailResolver {
  @Mutation(() => SetNewDeviceMailPayload, {
    nullable: true,
    description: "Turning it off requires a login in the last ten minutes.",
  })
  async setNewDeviceMail(
    @Arg("enabled", () => Boolean) enabled: boolean,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    await setNewDeviceMail(context, { viewer, isEnabled: enabled });
    const message = enabled
      ? "You get a mail after a login from a new device."
      : "You get no mail after a login from a new device.";
    return { message, user: { ...viewer.user, newDeviceMail: enabled } };
  }
}
