// The browsers in which the viewer need not repeat the second step. No field here has a scope.
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { ReadsNodes } from "../../auth/access/decorators.ts";
import { findDeviceName } from "../../auth/browsers/device-name.ts";
import type { Context } from "../../auth/context.ts";
import { listTrustedBrowsers, selectTrustedBrowserIds } from "../../auth/factors/trusted-browsers.ts";
import { revokeTrustedBrowser, revokeTrustedBrowsers } from "../../auth/flows/factors/trusted-browsers.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { TrustedBrowser } from "../../entities/trusted-browser.ts";
import { CurrentViewer } from "../current-viewer.ts";

@ObjectType({ description: "The payload of revokeTrustedBrowser." })
class RevokeTrustedBrowserPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID, { description: "The browser that is no longer trusted." })
  trustedBrowserId!: string;
}

@ObjectType({ description: "The payload of revokeTrustedBrowsers." })
class RevokeTrustedBrowsersPayload {
  @Field(() => String)
  message!: string;

  @Field(() => Int, { description: "How many browsers are no longer trusted." })
  count!: number;
}

@Resolver(() => TrustedBrowser)
export class TrustedBrowserResolver {
  @ReadsNodes({
    type: "TrustedBrowser",
    select: ({ userId }, ids) => selectTrustedBrowserIds(userId, ids),
    read: ({ database }, { userId }, ids) => listTrustedBrowsers(database, userId, ids),
  })
  @Query(() => [TrustedBrowser], {
    nullable: true,
    description: "The browsers in which the viewer need not repeat the second step, newest first.",
  })
  trustedBrowsers(@CurrentViewer() { userId }: Viewer, @Ctx() { database }: Context) {
    return listTrustedBrowsers(database, userId);
  }

  @FieldResolver(() => String, { nullable: true })
  device(@Root() { userAgent }: Pick<TrustedBrowser, "userAgent">) {
    return findDeviceName(userAgent);
  }

  @Mutation(() => RevokeTrustedBrowserPayload, {
    nullable: true,
    description: "The browser is asked for the second step again. Its sessions go on.",
  })
  async revokeTrustedBrowser(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<RevokeTrustedBrowserPayload> {
    const trustedBrowserId = await revokeTrustedBrowser(context, { viewer, id });
    return { message: "The browser is no longer trusted.", trustedBrowserId };
  }

  @Mutation(() => RevokeTrustedBrowsersPayload, {
    nullable: true,
    description: "All browsers are asked for the second step again. Sessions go on.",
  })
  async revokeTrustedBrowsers(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<RevokeTrustedBrowsersPayload> {
    const count = await revokeTrustedBrowsers(context, { viewer });
    return { message: "No browser is trusted any more.", count };
  }
}
