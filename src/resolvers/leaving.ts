// Leaving: the viewer's own data to take along, and the end of the account.

import { GraphQLJSONObject } from "graphql-scalars";
import { Ctx, Field, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { Charged } from "../auth/access/decorators.ts";
import type { Context } from "../auth/context.ts";
import { deleteAccount } from "../auth/flows/account-deletion.ts";
import { exportData } from "../auth/flows/data-export.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { CurrentViewer } from "./current-viewer.ts";

@ObjectType()
class ExportPayload {
  @Field(() => GraphQLJSONObject, {
    description: "A section for each kind of thing. It grows with new kinds.",
  })
  data!: Record<string, unknown>;
}

@ObjectType()
class DeleteAccountPayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class LeavingResolver {
  @Query(() => ExportPayload, {
    nullable: true,
    description:
      "All that is kept about the viewer, but for secrets. Asks for a login of the last ten minutes, and is recorded.",
  })
  // Ten thousand events and more: aliases must not ask for them ten times.
  @Charged("by its own rules")
  async exportMyData(@CurrentViewer() viewer: Viewer, @Ctx() context: Context): Promise<ExportPayload> {
    return { data: await exportData(context, { viewer }) };
  }

  @Mutation(() => DeleteAccountPayload, {
    nullable: true,
    description:
      "Deletes the viewer's account and all that is personal, at once and for good. Asks for a login of the last ten minutes.",
  })
  async deleteAccount(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<DeleteAccountPayload> {
    await deleteAccount(context, { viewer });
    return { message: "The account is deleted." };
  }
}
