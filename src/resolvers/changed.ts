// What a payload shows of the objects that a mutation changed, so that the cache of a client can follow.
import { Ctx, Field, ObjectType } from "type-graphql";
import { listAccessTokens } from "../auth/access-tokens/rows.ts";
import type { Context } from "../auth/context.ts";
import { listSessions } from "../auth/sessions/rows.ts";
import { findShownUser } from "../auth/users/shown-user.ts";
import { AccessToken } from "../entities/access-token.ts";
import { Session } from "../entities/session.ts";
import { User } from "../entities/user.ts";

/** Each list is read only when it is requested, and nullable: if it fails, the mutation has succeeded all the same. */
@ObjectType()
export abstract class ChangesSessions {
  @Field(() => [Session], {
    nullable: true,
    description: "The viewer's sessions after the change, newest first, as in the query sessions.",
  })
  async sessions(@Ctx() context: Context) {
    const viewer = await context.findViewer();
    return viewer && listSessions(context.database, viewer);
  }
}

@ObjectType()
export abstract class ChangesAccessTokens {
  @Field(() => [AccessToken], {
    nullable: true,
    description: "The viewer's access tokens after the change, newest first, as in the query accessTokens.",
  })
  async accessTokens(@Ctx() context: Context) {
    const viewer = await context.findViewer();
    return viewer && listAccessTokens(context.database, viewer.userId);
  }
}

@ObjectType()
export abstract class ChangesViewer {
  @Field(() => User, {
    nullable: true,
    description: "The viewer after the change. Null for anonymous requests.",
  })
  async viewer(@Ctx() context: Context) {
    const viewer = await context.findViewer();
    // Read again: the context keeps what the viewer was before.
    return viewer && findShownUser(context.database, viewer.userId);
  }
}
