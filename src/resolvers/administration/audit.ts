// The security events that a viewer may see.

import { Arg, Args, Ctx, Field, ID, ObjectType, Query, Resolver, Root, Subscription } from "type-graphql";
import { ReadsNodes, Scope } from "../../auth/access/decorators.ts";
import { eventCursorOf, findEventPage, findEvents } from "../../auth/audit/page.ts";
import type { Context } from "../../auth/context.ts";
import { isRowNumber } from "../../auth/page.ts";
import { hasPermission } from "../../auth/viewer/permissions.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { AuditEvent } from "../../entities/audit-event.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { notFound } from "../../errors.ts";
import { ownTopics } from "../../live/topics.ts";
import { CurrentViewer, requireKnownViewer } from "../current-viewer.ts";
import { connectionOf, PageArguments, PageInfo } from "../page-info.ts";

@ObjectType({ description: "A security event in a page." })
class AuditEventEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => AuditEvent)
  node!: AuditEvent;
}

/** What the trigger of the table sends. */
interface AuditNotice {
  readonly id: string;
  readonly userId: string | null;
}

@ObjectType({ description: "A page of security events." })
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
  @ReadsNodes({
    type: "AuditEvent",
    knows: isRowNumber,
    read: ({ database }, viewer, ids) => findEvents(database, viewer, ids),
  })
  @Query(() => AuditEventConnection, {
    nullable: true,
    description:
      "The security events that the viewer may see, newest first. Without the permission audit:read: only the viewer's own. With it: those of all users, and of unknown usernames.",
  })
  async auditEvents(
    @Args(() => PageArguments) page: PageArguments,
    @Arg("userId", () => ID, { nullable: true, description: "Only events of this user." })
    userId: string | null = null,
    @Arg("type", () => AuditEventType, { nullable: true, description: "Only events of this type." })
    type: AuditEventType | null = null,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { services }: Context,
  ) {
    const found = await services.readList((database) =>
      findEventPage(database, viewer, { userId, type }, page),
    );
    return connectionOf(found, eventCursorOf);
  }

  @Scope("audit-trail:read")
  @Subscription(() => AuditEvent, {
    nullable: true,
    topics: ownTopics.audit,
    // Otherwise each event of anybody would wake every stream.
    topicId: ({ context }) => {
      const viewer = requireKnownViewer(context);
      return hasPermission(viewer, "audit:read") ? undefined : viewer.userId;
    },
    description:
      "Each new security event that the viewer may see. Without the permission audit:read: only the viewer's own. With it: those of all users, and of unknown usernames.",
  })
  async auditEventAdded(
    @Root() { id }: AuditNotice,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { database }: Context,
  ): Promise<AuditEvent> {
    const [event] = await findEvents(database, viewer, [id]);
    if (event === undefined) throw notFound();
    return event as AuditEvent;
  }
}
