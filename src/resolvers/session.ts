// Login, logout, and the viewer's own sessions.

import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver, registerEnumType } from "type-graphql";
import {
  AllowUnverified,
  AsOwner,
  Charged,
  everyTokensScope,
  Impersonable,
  Public,
  ReadsNodes,
  Scope,
} from "../auth/access/decorators.ts";
import type { Context } from "../auth/context.ts";
import { logIn } from "../auth/flows/login.ts";
import { logOut } from "../auth/flows/logout.ts";
import { listSessions, selectSessionIds } from "../auth/sessions/rows.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { Session } from "../entities/session.ts";
import { User } from "../entities/user.ts";
import { invalidCredentials } from "../errors.ts";
import { CurrentViewer } from "./current-viewer.ts";

enum LoginMode {
  SESSION_AND_TOKEN = "SESSION_AND_TOKEN",
  SESSION = "SESSION",
  TOKEN = "TOKEN",
}
registerEnumType(LoginMode, {
  name: "LoginMode",
  description: "The credentials that a login creates.",
  valuesConfig: {
    SESSION_AND_TOKEN: { description: "A cookie and a token. Logging out with either ends both." },
    SESSION: { description: "Only a cookie. For browsers: scripts cannot read it." },
    TOKEN: { description: "Only a token, for the Authorization header. For apps." },
  },
});

@ObjectType({ description: "The payload of login." })
class LoginPayload {
  @Field(() => String, { nullable: true, description: "Shown only once. Store it as safely as a password." })
  token!: string | null;

  @Field(() => ID)
  userId!: string;

  @Field(() => String, { nullable: true })
  email!: string | null;

  @Field(() => GraphQLDateTime, { description: "When the session expires if it is not used again." })
  expiresAt!: Date;

  // The request began as nobody's, or as that of the session before.
  @AsOwner()
  @Field(() => User)
  user!: User;
}

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
    description: "Creates a session. The response is the same for a wrong username and a wrong password.",
  })
  async login(
    @Arg("username", () => String, { description: "The username or the email." }) username: string,
    @Arg("password", () => String) password: string,
    @Arg("mode", () => LoginMode, { defaultValue: LoginMode.SESSION_AND_TOKEN }) mode: LoginMode,
    @Ctx() context: Context,
  ) {
    const wantsCookie = mode !== LoginMode.TOKEN;
    const wantsToken = mode !== LoginMode.SESSION;
    const login = await logIn(context, { username, password, wantsCookie, wantsToken });
    if (login === null) throw invalidCredentials();
    return { ...login, userId: login.user.id, email: login.user.email };
  }

  @Impersonable()
  @Scope(everyTokensScope)
  @AllowUnverified()
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
}
