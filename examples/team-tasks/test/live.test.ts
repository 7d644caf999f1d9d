import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createTask,
  deleteTask,
  type Person,
  readProject,
  removeMember,
  requireData,
  startTeam,
  type Team,
  updateTask,
} from "./team.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.server.close());

interface Change {
  readonly id: string;
  readonly task: { readonly title: string; readonly isDone: boolean } | null;
}

const follow = ({ client }: Pick<Person, "client">, projectId: string) =>
  client.follow<{ readonly taskChanged: Change | null }>(
    "subscription ($projectId: ID!) { taskChanged(projectId: $projectId) { id task { title isDone } } }",
    { projectId },
  );

test("every member sees what another one changes, and only in that project", async () => {
  const { owner, member, projectId } = team;
  const stream = await follow(member, projectId);
  const created = requireData(await createTask(owner, { projectId, title: "Order the desks" })).createTask;
  const id = created?.task.id ?? "";
  await updateTask(owner, { id, isDone: true });
  await deleteTask(owner, id);
  const [first, second, third] = [await stream.next(), await stream.next(), await stream.next()];
  expect([first, second, third].map(({ data }) => data?.taskChanged?.id)).toEqual([id, id, id]);
  expect(third.data?.taskChanged?.task).toBeNull();
  stream.close();
});

test("nobody follows without a login, and a stranger sees nothing of a foreign project", async () => {
  const { server, owner, stranger, projectId } = team;
  const anonymous = await follow({ client: server.createClient() }, projectId);
  expect([anonymous.status, anonymous.codes]).toEqual([401, ["UNAUTHENTICATED"]]);
  const [foreign, own] = [await follow(stranger, projectId), await follow(owner, projectId)];
  await createTask(owner, { projectId, title: "A secret plan" });
  await own.next();
  expect(foreign.events).toEqual([]);
  for (const stream of [foreign, own]) stream.close();
});

test("a member who is removed sees no further task", async () => {
  const { owner, member, projectId } = team;
  const [stream, own] = [await follow(member, projectId), await follow(owner, projectId)];
  await createTask(owner, { projectId, title: "Before" });
  await stream.next();
  const project = requireData(await readProject(owner, projectId)).project;
  const row = project?.members.find(({ user }) => user.id === member.user.id);
  await removeMember(owner, row?.id);
  await createTask(owner, { projectId, title: "After" });
  await own.next();
  await own.next();
  expect(stream.events.map(({ data }) => data?.taskChanged?.task?.title)).toEqual(["Before"]);
  for (const it of [stream, own]) it.close();
});
