// The viewer's own devices: their names, and logging them out. No mutation here has a scope.
import { Arg, Ctx, Field, FieldResolver, ID, Int, Mutation, ObjectType, Resolver, Root } from "type-graphql";
import { findDeviceName } from "../../auth/browsers/device-name.ts";
import type { Context } from "../../auth/context.ts";
import { logOutEverywhere, revokeOtherSessions, revokeSession } from "../../auth/flows/session-revocation.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { Session } from "../../entities/session.ts";
import { ChangesSessions } from "../changed.ts";
import { CurrentViewer } from "../current-viewer.ts";

@ObjectType({ description: "The payload of revokeSession." })
class RevokeSessionPayload extends ChangesSessions {
  @Field(() => String)
  message!: string;

  @Field(() => ID, { description: "The session that was ended." })
  sessionId!: string;
}

@ObjectType({ description: "The payload of revokeOtherSessions." })
class RevokeOtherSessionsPayload extends ChangesSessions {
  @Field(() => String)
  message!: string;

  @Field(() => Int, { description: "How many sessions were ended." })
  count!: number;
}

@ObjectType({ description: "The payload of logoutEverywhere." })
class LogoutEverywherePayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID, { description: "The user whose sessions were ended." })
  userId!: string;
}

@Resolver(() => Session)
export class DeviceResolver {
  @FieldResolver(() => String, { nullable: true })
  device(@Root() { userAgent }: Pick<Session, "userAgent">) {
    return findDeviceName(userAgent);
  }

  @Mutation(() => RevokeSessionPayload, {
    nullable: true,
    description: "Ends one of the viewer's sessions. For the current session, the same as logout.",
  })
  async revokeSession(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    return { message: "Session revoked.", sessionId: await revokeSession(context, { viewer, id }) };
  }

  @Mutation(() => RevokeOtherSessionsPayload, {
    nullable: true,
    description: "Ends all of the viewer's sessions except the current one.",
  })
  async revokeOtherSessions(@CurrentViewer() viewer: Viewer, @Ctx() context: Context) {
    return { count: await revokeOtherSessions(context, { viewer }), message: "Other sessions revoked." };
  }

  @Mutation(() => LogoutEverywherePayload, {
    nullable: true,
    description:
      "Ends all of the viewer's sessions. Access tokens stay valid: end them with revokeAccessToken.",
  })
  async logoutEverywhere(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<LogoutEverywherePayload> {
    await logOutEverywhere(context, { viewer });
    return { message: "Logged out everywhere.", userId: viewer.userId };
  }
}
