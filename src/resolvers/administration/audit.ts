// The security events that a viewer may see.

import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from "type-graphql";
import { Scope } from "../../auth/access/decorators.ts";
import { eventCursorOf, findEventPage } from "../../auth/audit/page.ts";
import type { Context } from "../../auth/context.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { AuditEvent } from "../../entities/audit-event.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { connectionOf, PageInfo } from "../page-info.ts";

@ObjectType()
class AuditEventEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => AuditEvent)
  node!: AuditEvent;
}

@ObjectType()
class AuditEventConnection {
  @Field(() => [AuditEventEdge])
  edges!: AuditEventEdge[];

  @Field(() => [AuditEvent])
  nodes!: AuditEvent[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@Resolver()
export class AuditResolver {
  // Not audit:read: that permission shows every user's events, and no scope grants it.
  @Scope("audit-trail:read")
  @Query(() => AuditEventConnection, {
    nullable: true,
    description:
      "The security events that the viewer may see, newest first. Without the permission audit:read: only the viewer's own. With it: those of all users, and of unknown usernames.",
  })
  async auditEvents(
    @Arg("first", () => Int, { nullable: true, defaultValue: 20, description: "1 to 100." })
    first: number | null,
    @Arg("after", () => String, { nullable: true, description: "The endCursor of the previous page." })
    after: string | null = null,
    @Arg("userId", () => ID, { nullable: true, description: "Only events of this user." })
    userId: string | null = null,
    @Arg("type", () => AuditEventType, { nullable: true, description: "Only events of this type." })
    type: AuditEventType | null = null,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { database }: Context,
  ) {
    const page = await findEventPage(database, viewer, { userId, type }, { first, after });
    return connectionOf(page, eventCursorOf);
  }
}
