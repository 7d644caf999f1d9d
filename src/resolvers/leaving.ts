// Leaving: the end of the viewer's own account.
import { Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { deleteAccount } from "../auth/account-deletion.ts";
import type { Context } from "../auth/context.ts";
import type { Viewer } from "../auth/viewer.ts";
import { CurrentViewer } from "./current-viewer.ts";

@ObjectType()
class DeleteAccountPayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class LeavingResolver {
  @Mutation(() => DeleteAccountPayload, {
    nullable: true,
    description:
      "Deletes the viewer's account and all that is personal, at once and for good. Asks for a login of the last ten minutes.",
  })
  async deleteAccount(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<DeleteAccountPayload> {
    await deleteAccount(context, viewer);
    return { message: "The account is deleted." };
  }
}
