// The viewer's passkeys. No field here has a scope.
import { Ctx, Query, Resolver } from "type-graphql";
import { AllowUnenrolled, ReadsNodes } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { listPasskeys, selectPasskeyIds } from "../../auth/passkeys/rows.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { Passkey } from "../../entities/passkey.ts";
import { CurrentViewer } from "../current-viewer.ts";

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
}
