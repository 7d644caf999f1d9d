// Members: owners add and remove them, and everybody may leave.
import {
  Arg,
  Ctx,
  CurrentViewer,
  Field,
  FieldResolver,
  ID,
  Mutation,
  notFound,
  ObjectType,
  Resolver,
  Root,
  type Viewer,
} from "graphward";
import { User } from "graphward/entities";
import { LockMode } from "graphward/orm";
import { isMember, requireId, requireOwner } from "./access.ts";
import type { AppContext } from "./context.ts";
import { Member, maxMembers } from "./member.ts";
import { Project } from "./project.ts";
import { Task } from "./task.ts";
import { broken } from "./text.ts";

@ObjectType()
class AddMemberPayload {
  @Field(() => Member)
  member!: Member;
}

@ObjectType()
class RemoveMemberPayload {
  @Field(() => ID)
  id!: string;
}

@Resolver(() => Member)
export class MemberResolver {
  @Mutation(() => AddMemberPayload, { nullable: true, description: "For owners." })
  async addMember(
    @Arg("projectId", () => ID) projectId: string,
    @Arg("username", () => String) username: string,
    @Arg("isOwner", () => Boolean, { defaultValue: false }) isOwner: boolean,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<AddMemberPayload> {
    await requireOwner(em, viewer, projectId);
    return em.transactional(async (transaction) => {
      const project = await lockProject(transaction, projectId);
      await requireOwner(transaction, viewer, projectId);
      // That a name is taken is no secret: a registration tells it too.
      const user = await transaction.findOne(User, { username }, { fields: ["id"] });
      if (user === null) throw broken("username", "exists", "No user has this name.");
      if ((await transaction.count(Member, { project, user: user.id })) > 0)
        throw broken("username", "unique", "This user is a member already.");
      if ((await transaction.count(Member, { project })) >= maxMembers)
        throw broken("username", "max_members", `A project may have ${maxMembers} members at most.`);
      return { member: transaction.create(Member, { project, user: user.id, isOwner }) };
    });
  }

  @Mutation(() => RemoveMemberPayload, { nullable: true, description: "For owners, and to leave." })
  async removeMember(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<RemoveMemberPayload> {
    return em.transactional(async (transaction) => {
      const seen = { id: requireId(id), project: isMember(viewer) };
      const found = await transaction.findOne(Member, seen);
      if (found === null) throw notFound();
      const project = await lockProject(transaction, found.project.id);
      // Once more: another owner may have changed it before the lock.
      const member = await transaction.findOne(Member, seen, { refresh: true });
      if (member === null) throw notFound();
      const user = member.user.id;
      if (user !== viewer.userId) await requireOwner(transaction, viewer, project.id);
      const others = { project, isOwner: true, id: { $ne: id } };
      if (member.isOwner && (await transaction.count(Member, others)) === 0)
        throw broken("id", "last_owner", "A project has an owner: make somebody else one, or delete it.");
      await transaction.nativeDelete(Member, { id });
      await transaction.nativeUpdate(Task, { project, assignee: user }, { assignee: null });
      return { id };
    });
  }

  @FieldResolver(() => User)
  user(@Root() { user }: Member, @Ctx() { load }: AppContext) {
    return load.users.load(user.id);
  }
}

/** Until the transaction ends, nobody else adds or removes a member: two at once would both pass a count. */
const lockProject = async (em: AppContext["em"], id: string): Promise<Project> => {
  const project = await em.findOne(Project, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (project === null) throw notFound();
  return project;
};
