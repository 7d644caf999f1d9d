// Tasks: for the members of their project.
import {
  Arg,
  addJob,
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
  publish,
  Query,
  Resolver,
  Root,
  Scope,
  Subscription,
  type Topics,
  type Viewer,
} from "graphward";
import { User } from "graphward/entities";
import { LockMode } from "graphward/orm";
import { isMember, isSeen, requireId } from "./access.ts";
import type { AppContext } from "./context.ts";
import { Member } from "./member.ts";
import { Project } from "./project.ts";
import { Task } from "./task.ts";
import { broken, requireText } from "./text.ts";

const maxPage = 100;

@ObjectType()
class TaskPage {
  @Field(() => [Task])
  tasks!: readonly Task[];

  @Field(() => ID, { nullable: true, description: "`after` of the next page. Null on the last one." })
  next!: string | null;
}

@ObjectType()
class CreateTaskPayload {
  @Field(() => Task)
  task!: Task;
}

@ObjectType()
class UpdateTaskPayload {
  @Field(() => Task)
  task!: Task;
}

declare module "graphward" {
  interface Topics {
    TASK_CHANGED: { readonly id: string; readonly projectId: string };
  }
}

@ObjectType({ description: "A task was added, changed or deleted." })
class TaskChange {
  @Field(() => ID)
  id!: string;

  @Field(() => Task, { nullable: true, description: "Null: it was deleted." })
  task!: Task | null;
}

@ObjectType()
class DeleteTaskPayload {
  @Field(() => ID)
  id!: string;
}

@Resolver(() => Task)
export class TaskResolver {
  @Impersonable()
  @Scope("tasks:read")
  @Query(() => TaskPage, { nullable: true, description: "The tasks of a project, oldest first." })
  async tasks(
    @Arg("projectId", () => ID) projectId: string,
    @Arg("first", () => Int, { defaultValue: 50 }) first: number,
    @Arg("after", () => ID, { nullable: true }) after: string | null,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<TaskPage> {
    if (first < 1 || first > maxPage) throw broken("first", "range", `A page has 1 to ${maxPage} tasks.`);
    const project = { id: requireId(projectId), ...isSeen(viewer) };
    const where = after ? { project, id: { $gt: requireId(after) } } : { project };
    const rows = await em.find(Task, where, { orderBy: { id: "asc" }, limit: first + 1 });
    // Only then: a task that was found is one of a project that the viewer sees.
    if (rows.length === 0 && (await em.count(Project, project)) === 0) throw notFound();
    const tasks = rows.slice(0, first);
    return { tasks, next: rows.length > first ? (tasks.at(-1)?.id ?? null) : null };
  }

  @Scope("tasks:write")
  @Mutation(() => CreateTaskPayload, { nullable: true })
  async createTask(
    @Arg("projectId", () => ID) projectId: string,
    @Arg("title", () => String) title: string,
    @Arg("assigneeId", () => ID, { nullable: true }) assigneeId: string | null,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<CreateTaskPayload> {
    const text = requireText("title", title);
    return em.transactional(async (transaction) => {
      const project = requireId(projectId);
      if (!(await holdMembership(transaction, project, viewer.userId))) throw notFound();
      const assignee = assigneeId ? await requireAssignee(transaction, project, assigneeId) : null;
      const task = transaction.create(Task, { project, title: text, assignee });
      await transaction.flush();
      await publish(transaction, "TASK_CHANGED", { id: task.id, projectId: project });
      if (assignee !== null) await addJob(transaction, "task-assigned", { taskId: task.id, assignee });
      return { task };
    });
  }

  @Scope("tasks:write")
  @Mutation(() => UpdateTaskPayload, { nullable: true, description: "What is left out stays as it is." })
  async updateTask(
    @Arg("id", () => ID) id: string,
    @Arg("title", () => String, { nullable: true }) title: string | null | undefined,
    @Arg("isDone", () => Boolean, { nullable: true }) isDone: boolean | null | undefined,
    @Arg("assigneeId", () => ID, { nullable: true, description: "Null: nobody." })
    assigneeId: string | null | undefined,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<UpdateTaskPayload> {
    const where = { id: requireId(id), project: isMember(viewer) };
    const text = title == null ? {} : { title: requireText("title", title) };
    return em.transactional(async (transaction) => {
      const task = await transaction.findOne(Task, where);
      if (task === null) throw notFound();
      const done = isDone == null ? {} : { doneAt: isDone ? (task.doneAt ?? new Date()) : null };
      const assignee = assigneeId && (await requireAssignee(transaction, task.project.id, assigneeId));
      const changes = { ...text, ...done, ...(assignee !== undefined && { assignee }) };
      if (Object.keys(changes).length > 0) {
        if ((await transaction.nativeUpdate(Task, where, changes)) === 0) throw notFound();
        if (assignee && assignee !== task.assignee?.id)
          await addJob(transaction, "task-assigned", { taskId: id, assignee });
        await publish(transaction, "TASK_CHANGED", { id, projectId: task.project.id });
        await transaction.refresh(task);
      }
      return { task };
    });
  }

  @Scope("tasks:write")
  @Mutation(() => DeleteTaskPayload, { nullable: true })
  async deleteTask(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<DeleteTaskPayload> {
    const where = { id: requireId(id), project: isMember(viewer) };
    return em.transactional(async (transaction) => {
      const task = await transaction.findOne(Task, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (task === null) throw notFound();
      await transaction.nativeDelete(Task, { id });
      await publish(transaction, "TASK_CHANGED", { id, projectId: task.project.id });
      return { id };
    });
  }

  @Impersonable()
  @Scope("tasks:read")
  @Subscription(() => TaskChange, {
    nullable: true,
    topics: "TASK_CHANGED",
    filter: ({ payload, args, context }) =>
      payload.projectId === args.projectId && seesProject(context, payload.projectId),
    description: "Each change of a task of a project that the viewer sees.",
  })
  async taskChanged(
    @Arg("projectId", () => ID) _projectId: string,
    @Root() { id, projectId }: Topics["TASK_CHANGED"],
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: AppContext,
  ): Promise<TaskChange> {
    return { id, task: await em.findOne(Task, { id, project: { id: projectId, ...isSeen(viewer) } }) };
  }

  @FieldResolver(() => Boolean)
  isDone(@Root() { doneAt }: Task) {
    return Boolean(doneAt);
  }

  @FieldResolver(() => User, { nullable: true, description: "Others see id, username and displayName." })
  assignee(@Root() { assignee }: Task, @Ctx() { load }: AppContext) {
    return assignee ? load.users.load(assignee.id) : null;
  }
}

/** Returns the id of the user. */
const requireAssignee = async (em: AppContext["em"], project: string, userId: string): Promise<string> => {
  if (await holdMembership(em, project, requireId(userId))) return userId;
  throw broken("assigneeId", "member", "This user is no member of the project.");
};

/** Whether there is one. It stays until the transaction ends: nobody is assigned a task who is removed meanwhile. */
const holdMembership = async (em: AppContext["em"], project: string, user: string): Promise<boolean> => {
  const member = await em.findOne(Member, { project, user }, { lockMode: LockMode.PESSIMISTIC_READ });
  return member !== null;
};

/** Asked for each event: a member may have been removed since the stream was opened. */
const seesProject = async (context: AppContext, id: string): Promise<boolean> => {
  const viewer = await context.findViewer();
  return viewer !== null && (await context.em.count(Project, { id, ...isSeen(viewer) })) > 0;
};
