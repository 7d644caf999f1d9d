// Leaving: exporting the viewer's own data, and deleting the account.

import { GraphQLJSONObject } from "graphql-scalars";
import { Ctx, Field, ID, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { Charged } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { deleteAccount } from "../../auth/flows/account-deletion.ts";
import { exportData } from "../../auth/flows/data-export.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { CurrentViewer } from "../current-viewer.ts";

@ObjectType({ description: "The payload of exportMyData." })
class ExportPayload {
  @Field(() => GraphQLJSONObject, {
    description: "One section for each kind of data. New versions may add sections.",
  })
  data!: Record<string, unknown>;
}

@ObjectType({ description: "The payload of deleteAccount." })
class DeleteAccountPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID, { description: "The user who was deleted." })
  userId!: string;
}

@Resolver()
export class LeavingResolver {
  @Query(() => ExportPayload, {
    nullable: true,
    description:
      "All data stored about the viewer, except secrets. Requires a login in the last ten minutes. Each export is recorded.",
  })
  // Ten thousand events and more: aliases must not repeat the query.
  @Charged("by its own rules")
  async exportMyData(@CurrentViewer() viewer: Viewer, @Ctx() context: Context): Promise<ExportPayload> {
    return { data: await exportData(context, { viewer }) };
  }

  @Mutation(() => DeleteAccountPayload, {
    nullable: true,
    description:
      "Deletes the viewer's account and all personal data, immediately and permanently. Requires a login in the last ten minutes.",
  })
  async deleteAccount(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<DeleteAccountPayload> {
    await deleteAccount(context, { viewer });
    return { message: "The account is deleted.", userId: viewer.userId };
  }
}
