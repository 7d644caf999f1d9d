import { afterAll, beforeAll, expect, test } from "vitest";
import {
  addMember,
  createProject,
  createTask,
  listProjects,
  listTasks,
  type Person,
  readProject,
  requireData,
  startTeam,
  type Team,
} from "./team.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.server.close());

const password = "a quiet tram at dawn";

const register = (username: string) =>
  team.server
    .createClient()
    .run("mutation ($input: RegisterInput!) { register(input: $input) { message } }", {
      input: { username, email: `${username}@example.org`, password },
    });

const registered = async (username: string): Promise<Person> => {
  expect((await register(username)).codes).toEqual([]);
  const client = await team.server.logInAs({ username, password });
  const { viewer } = requireData(await client.run<{ viewer: { id: string } }>("{ viewer { id } }"));
  const user = { id: viewer.id, username, password, email: null, roles: [] };
  return { user, client };
};

test("a new user has a first project", async () => {
  expect(await listProjects(await registered("agnes"))).toEqual(["Personal"]);
});

test("nobody registers a name that the application keeps", async () => {
  expect((await register("team")).codes).toEqual(["BAD_USER_INPUT"]);
});

test("an export has the user's projects and tasks, and nobody else's", async () => {
  const { owner, projectId } = team;
  const clara = await registered("clara");
  await addMember(owner, { projectId, username: "clara" });
  await createTask(owner, { projectId, title: "for clara", assigneeId: clara.user.id });
  await createTask(owner, { projectId, title: "for nobody" });
  const answer = await clara.client.run<{ exportMyData: { data: Record<string, unknown> } }>(
    "{ exportMyData { data } }",
  );
  const { data } = requireData(answer).exportMyData;
  expect(data.projects).toEqual([
    { id: projectId, name: "Move", isOwner: false },
    { id: expect.any(String), name: "Personal", isOwner: true },
  ]);
  expect(data.assignedTasks).toEqual([expect.objectContaining({ title: "for clara" })]);
});

test("a deleted user leaves the tasks, and the project to the next member", async () => {
  const [dora, edith] = [await registered("dora"), await registered("edith")];
  const projectId = await createProject(dora, "Garden");
  await addMember(dora, { projectId, username: "edith" });
  await createTask(edith, { projectId, title: "water", assigneeId: dora.user.id });
  const alone = await createProject(dora, "Alone");
  expect((await dora.client.run("mutation { deleteAccount { message } }")).codes).toEqual([]);

  const { data } = await readProject(edith, projectId);
  expect(data?.project?.members).toEqual([
    expect.objectContaining({ isOwner: true, user: { id: edith.user.id, username: "edith" } }),
  ]);
  const tasks = await listTasks(edith, { projectId }, "title assignee { id }");
  expect(tasks.data?.tasks?.tasks).toEqual([{ title: "water", assignee: null }]);
  const administrator = await team.server.logInAs(await team.server.createUser({ roles: ["ADMIN"] }));
  expect((await readProject({ client: administrator }, alone)).codes).toEqual(["NOT_FOUND"]);
});
