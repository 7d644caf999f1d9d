// Projects: a foreign one answers as one that is not there.
import {
  Arg,
  Ctx,
  CurrentViewer,
  Field,
  FieldResolver,
  ID,
  Impersonable,
  Int,
  Mutation,
  notFound,
  ObjectType,
  Public,
  Query,
  Resolver,
  Root,
  Scope,
  type Viewer,
} from "graphward";
import { User } from "graphward/entities";
import { LockMode } from "graphward/orm";
import { isMember, isOwner, isSeen, mayModerate, requireId, requireOwner } from "./access.ts";
import type { AppContext } from "./context.ts";
import { Member, maxMembers } from "./member.ts";
import { Project } from "./project.ts";
import { broken, maxCharacters, requireText } from "./text.ts";

const maxListed = 100;

@ObjectType({ description: "What a form needs to know before anybody has logged in." })
class Limits {
  @Field(() => Int, { description: "Projects that a user may own." })
  maxProjects!: number;

  @Field(() => Int, { description: "Members of a project." })
  maxMembers!: number;

  @Field(() => Int, { description: "Characters of a name or a title." })
  maxCharacters!: number;
}

@ObjectType()
class CreateProjectPayload {
  @Field(() => Project)
  project!: Project;
}

@ObjectType()
class DeleteProjectPayload {
  @Field(() => ID)
  id!: string;
}

@Resolver(() => Project)
export class ProjectResolver {
  @Public()
  @Query(() => Limits)
  limits(@Ctx() { settings }: AppContext): Limits {
    return { maxProjects: settings.MAX_PROJECTS, maxMembers, maxCharacters };
  }

  @Impersonable()
  @Scope("tasks:read")
  @Query(() => [Project], { nullable: true, description: "The viewer's projects, oldest first." })
  projects(@CurrentViewer() viewer: Viewer, @Ctx() { em }: AppContext) {
    return em.find(Project, isMember(viewer), { orderBy: { id: "asc" }, limit: maxListed });
  }

  @Impersonable()
  @Scope("tasks:read")
  @Query(() => Project, { nullable: true })
  async project(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<Project> {
    const project = await em.findOne(Project, { id: requireId(id), ...isSeen(viewer) });
    if (project === null) throw notFound();
    return project;
  }

  @Mutation(() => CreateProjectPayload, { nullable: true })
  async createProject(
    @Arg("name", () => String) name: string,
    @CurrentViewer() { userId }: Viewer,
    @Ctx() { em, settings }: AppContext,
  ): Promise<CreateProjectPayload> {
    const text = requireText("name", name);
    return em.transactional(async (transaction) => {
      // Otherwise two requests at once would both find room for one more.
      await transaction.findOneOrFail(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if ((await transaction.count(Member, { user: userId, isOwner: true })) >= settings.MAX_PROJECTS)
        throw broken("name", "max_projects", `You may own ${settings.MAX_PROJECTS} projects at most.`);
      const project = transaction.create(Project, { name: text });
      transaction.create(Member, { project, user: userId, isOwner: true });
      return { project };
    });
  }

  @Mutation(() => DeleteProjectPayload, { nullable: true, description: "For owners, and for moderators." })
  async deleteProject(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<DeleteProjectPayload> {
    const whose = mayModerate(viewer) ? {} : isOwner(viewer);
    const deleted = await em.nativeDelete(Project, { id: requireId(id), ...whose });
    if (deleted === 0) {
      await requireOwner(em, viewer, id);
      throw notFound();
    }
    return { id };
  }

  @FieldResolver(() => [Member])
  members(@Root() { id }: Project, @Ctx() { load }: AppContext) {
    return load.members.load(id);
  }
}
