// Login, logout, and the viewer's own sessions.

import { Arg, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver, Subscription } from "type-graphql";
import {
  AllowUnenrolled,
  AllowUnverified,
  Charged,
  everyTokensScope,
  Impersonable,
  Public,
  ReadsNodes,
  Scope,
} from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { countLogin } from "../../auth/flows/counted-login.ts";
import { logIn } from "../../auth/flows/login.ts";
import { logOut } from "../../auth/flows/logout.ts";
import { listSessions, selectSessionIds } from "../../auth/sessions/rows.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { Session } from "../../entities/session.ts";
import { ownTopics } from "../../live/topics.ts";
import { CurrentViewer, requireKnownViewer } from "../current-viewer.ts";
import { LoginMode, LoginPayload, toLoginPayload, wantedBy } from "../sign-in/login-payload.ts";

@ObjectType({ description: "The payload of logout." })
class LogoutPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID, {
    nullable: true,
    description: "The viewer's session, which was ended. Null with an access token.",
  })
  sessionId!: string | null;

  @Field(() => ID, { nullable: true, description: "The access token of the request, which was revoked." })
  accessTokenId!: string | null;
}

@Resolver()
export class SessionResolver {
  @Public()
  @Charged("by its own rules")
  @Mutation(() => LoginPayload, {
    nullable: true,
    description:
      "Creates a session, or asks a user with a second factor for it. The response is the same for a wrong username and a wrong password.",
  })
  async login(
    @Arg("username", () => String, { description: "The username or the email." }) username: string,
    @Arg("password", () => String) password: string,
    @Arg("mode", () => LoginMode, { defaultValue: LoginMode.SESSION_AND_TOKEN }) mode: LoginMode,
    @Ctx() context: Context,
  ) {
    return toLoginPayload(
      await countLogin(context, "password", () => logIn(context, { username, password, ...wantedBy(mode) })),
    );
  }

  @Impersonable()
  @Scope(everyTokensScope)
  @AllowUnverified()
  @AllowUnenrolled()
  @Mutation(() => LogoutPayload, {
    nullable: true,
    description: "Ends the session behind the cookie, and the session or the access token behind the token.",
  })
  async logout(@CurrentViewer() viewer: Viewer, @Ctx() context: Context): Promise<LogoutPayload> {
    const { sessionId, accessToken } = viewer;
    await logOut(context);
    return { message: "Logged out successfully.", sessionId, accessTokenId: accessToken?.id ?? null };
  }

  @Impersonable()
  @Scope("sessions:read")
  @ReadsNodes({
    type: "Session",
    select: ({ userId }, ids) => selectSessionIds(userId, ids),
    read: ({ database }, viewer, ids) => listSessions(database, viewer, ids),
  })
  @Query(() => [Session], { nullable: true, description: "The viewer's sessions, newest first." })
  sessions(@CurrentViewer() viewer: Viewer, @Ctx() { database }: Context) {
    return listSessions(database, viewer);
  }

  @Impersonable()
  @Scope("sessions:read")
  @Subscription(() => [Session], {
    nullable: true,
    topics: ownTopics.sessions,
    topicId: ({ context }) => requireKnownViewer(context).userId,
    description: "The viewer's sessions, newest first, whenever one has begun or ended, or may have changed.",
  })
  sessionsChanged(@CurrentViewer() viewer: Viewer, @Ctx() { database }: Context) {
    return listSessions(database, viewer);
  }
}
