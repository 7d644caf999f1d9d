import { days } from "graphward";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobs } from "../src/jobs.ts";
import { Task as TaskRow } from "../src/task.ts";
import {
  addMember,
  createTask,
  deleteTask,
  listTasks,
  removeMember,
  requireData,
  startTeam,
  statementsOf,
  type Task,
  type Team,
  updateTask,
} from "./team.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.server.close());

const add = async (title: string, assigneeId: string | null = null): Promise<Task> => {
  const { projectId, owner } = team;
  const { createTask: created } = requireData(await createTask(owner, { projectId, title, assigneeId }));
  if (created === null) throw new Error(`${title} was not added.`);
  return created.task;
};

const titlesFor = async (person: Team["owner"]) =>
  (await listTasks(person, { projectId: team.projectId, first: 100 })).data?.tasks?.tasks.map(
    ({ title }) => title,
  );

test("every member adds, renames, ticks and deletes a task", async () => {
  const { owner, member, projectId } = team;
  const created = (await createTask(member, { projectId, title: " Order the desks " })).data?.createTask
    ?.task;
  expect(created).toMatchObject({ title: "Order the desks", isDone: false, assignee: null });
  const id = created?.id;
  const ticked = (await updateTask(owner, { id, isDone: true })).data?.updateTask?.task;
  expect(ticked).toMatchObject({ title: "Order the desks", isDone: true });
  const renamed = (await updateTask(member, { id, title: "Order chairs" })).data?.updateTask?.task;
  expect(renamed).toMatchObject({ title: "Order chairs", isDone: true });
  expect((await updateTask(member, { id, isDone: false })).data?.updateTask?.task.isDone).toBe(false);
  expect((await deleteTask(member, id ?? "")).codes).toEqual([]);
  expect(await titlesFor(owner)).not.toContain("Order chairs");
});

test("to all others a project and its tasks are not there", async () => {
  const { stranger, projectId } = team;
  const { id } = await add("A secret plan");
  for (const answer of [
    await listTasks(stranger, { projectId }),
    await listTasks(stranger, { projectId, after: id }),
    await createTask(stranger, { projectId, title: "mine" }),
    await updateTask(stranger, { id, title: "mine" }),
    await updateTask(stranger, { id }),
    await deleteTask(stranger, id),
    await deleteTask(stranger, "1"),
  ])
    expect(answer.codes).toEqual(["NOT_FOUND"]);
  expect(await titlesFor(team.owner)).toContain("A secret plan");
});

test("an empty project is there for its members", async () => {
  const { owner } = team;
  const mine = await owner.client.run<{ createProject: { project: { id: string } } }>(
    'mutation { createProject(name: "Empty") { project { id } } }',
  );
  const projectId = mine.data?.createProject.project.id;
  expect((await listTasks(owner, { projectId })).data?.tasks).toEqual({ tasks: [], next: null });
});

test("a list comes in pages", async () => {
  const { owner, projectId } = team;
  for (const title of ["one", "two", "three"]) await add(title);
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const answer: Awaited<ReturnType<typeof listTasks>> = await listTasks(owner, {
      projectId,
      first: 2,
      after,
    });
    const page = requireData(answer).tasks;
    expect(page?.tasks.length).toBeLessThanOrEqual(2);
    seen.push(...(page?.tasks.map(({ title }) => title) ?? []));
    after = page?.next ?? null;
  } while (after !== null);
  expect(seen).toEqual(await titlesFor(owner));
  for (const first of [0, 101])
    expect((await listTasks(owner, { projectId, first })).codes).toEqual(["BAD_USER_INPUT"]);
});

describe("a task is assigned", () => {
  test("to members only, and to nobody once the member is removed", async () => {
    const { owner, member, stranger, projectId, join } = team;
    const guest = await join();
    const added = await addMember(owner, { projectId, username: guest.user.username });
    const task = await add("Call the landlord", member.user.id);
    expect(task.assignee).toEqual({ id: member.user.id });
    const assign = (assigneeId: unknown) => updateTask(owner, { id: task.id, assigneeId });
    expect((await assign(stranger.user.id)).codes).toEqual(["BAD_USER_INPUT"]);
    expect((await assign(guest.user.id)).data?.updateTask?.task.assignee).toEqual({ id: guest.user.id });
    await removeMember(owner, added.data?.addMember?.member.id);
    expect((await updateTask(owner, { id: task.id })).data?.updateTask?.task.assignee).toBeNull();
    await assign(member.user.id);
    expect((await assign(null)).data?.updateTask?.task.assignee).toBeNull();
  });

  test("with a job, which is there if and only if the assignment is", async () => {
    const { server, member, projectId } = team;
    const { id } = await add("Measure the room", member.user.id);
    await expect.poll(() => server.log.join("")).toMatch(new RegExp(`"taskId":"${id}".*"task assigned"`));
    const before = jobsIn(server.log);
    await createTask(team.owner, { projectId, title: "no", assigneeId: team.stranger.user.id });
    await add("The last one", member.user.id);
    await expect.poll(() => jobsIn(server.log)).toBe(before + 1);
  });

  const jobsIn = (log: readonly string[]) => log.join("").split('"task assigned"').length - 1;
});

test("a list reads all assignees in one statement, and of each what others see", async () => {
  const { server, owner, member, projectId, join } = team;
  const third = await join();
  await addMember(owner, { projectId, username: third.user.username });
  for (const { user } of [owner, member, third, member]) await add(`For ${user.username}`, user.id);
  const fields = "title assignee { id username displayName email roles }";
  const list = () => listTasks(owner, { projectId, first: 100 }, fields);
  const statements = await statementsOf(server, list);
  expect(statements).toEqual([
    expect.stringMatching(/^select "\w+"\.\* from "public"."tasks"/),
    expect.stringMatching(/^select "\w+"."id", "\w+"."username", "\w+"."display_name" from \S+"users"/),
  ]);

  const answer = await list();
  expect(answer.codes).toEqual([]);
  const assignees = answer.data?.tasks?.tasks.map(({ assignee }) => assignee);
  expect(assignees).toContainEqual({
    id: member.user.id,
    username: member.user.username,
    displayName: null,
    email: null,
    roles: null,
  });
});

describe("an access token", () => {
  const tokenWith = async (...scopes: string[]) => {
    const { server, member } = team;
    const owner = await server.logInAs(member.user, "TOKEN");
    const answer = await owner.run<{ createAccessToken: { token: string } | null }>(
      'mutation ($scopes: [String!]!) { createAccessToken(input: { name: "a script", scopes: $scopes }) { token } }',
      { scopes },
    );
    const client = server.createClient();
    client.token = requireData(answer).createAccessToken?.token ?? null;
    return { ...member, client };
  };

  test("reads with tasks:read, writes with tasks:write, and nothing with another scope", async () => {
    const { projectId } = team;
    const [reader, writer, other] = [
      await tokenWith("tasks:read"),
      await tokenWith("tasks:write"),
      await tokenWith("profile:read"),
    ];
    const read = (person: Team["owner"]) => listTasks(person, { projectId });
    const write = (person: Team["owner"]) => createTask(person, { projectId, title: "by a script" });
    expect((await read(reader)).codes).toEqual([]);
    expect((await write(writer)).codes).toEqual([]);
    for (const answer of [await read(writer), await write(reader), await read(other), await write(other)])
      expect(answer.codes).toEqual(["FORBIDDEN"]);
  });

  test("reaches no field without a scope", async () => {
    const script = await tokenWith("tasks:read", "tasks:write");
    const { projectId } = team;
    expect((await addMember(script, { projectId, username: "anybody" })).codes).toEqual(["FORBIDDEN"]);
  });
});

test("a task that was done 90 days ago is pruned, and no other", async () => {
  const { server, owner } = team;
  const [old, open] = [await add("done long ago"), await add("open for long")];
  await updateTask(owner, { id: old.id, isDone: true });
  const prune = async () => {
    const { em } = server;
    await jobs.tasks["prune-done-tasks"]?.(
      {},
      { em, log: silent, attempt: 1, signal: new AbortController().signal },
    );
  };
  await prune();
  expect(await titlesFor(owner)).toEqual(expect.arrayContaining(["done long ago", "open for long"]));
  const task = await server.em.findOneOrFail(TaskRow, { id: old.id });
  await server.em.nativeUpdate(TaskRow, { id: task.id }, { doneAt: new Date(Date.now() - days(91)) });
  await prune();
  const titles = await titlesFor(owner);
  expect(titles).not.toContain("done long ago");
  expect(titles).toContain(open.title);
});

const silent = { info: () => undefined } as never;

test("the members of a list of projects are one statement", async () => {
  const { server, owner } = team;
  const statements = await statementsOf(server, () =>
    owner.client.run("{ projects { name members { user { username } } } }"),
  );
  expect(statements.map((text) => /from (?:"\w+"\.)?("\w+")/.exec(text)?.[1])).toEqual([
    '"projects"',
    '"members"',
    '"users"',
  ]);
});
