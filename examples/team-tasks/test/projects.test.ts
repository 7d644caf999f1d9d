import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  addMember,
  createProject,
  deleteProject,
  listProjects,
  listTasks,
  readProject,
  removeMember,
  startTeam,
  type Team,
} from "./team.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam({ MAX_PROJECTS: "3" });
});
afterAll(() => team.server.close());

const missing = "00000000-0000-7000-8000-000000000000";

test("anybody may ask for the limits, and nothing else without a login", async () => {
  const nobody = { client: team.server.createClient() };
  const { data } = await nobody.client.run("{ limits { maxProjects maxMembers maxCharacters } }");
  expect(data).toEqual({ limits: { maxProjects: 3, maxMembers: 50, maxCharacters: 200 } });
  for (const answer of [
    await nobody.client.run("{ projects { id } }"),
    await readProject(nobody, team.projectId),
    await listTasks(nobody, { projectId: team.projectId }),
    await deleteProject(nobody, team.projectId),
  ])
    expect(answer.codes).toEqual(["UNAUTHENTICATED"]);
});

test("members see a project, and to all others it is not there", async () => {
  const { owner, member, stranger, projectId } = team;
  for (const person of [owner, member]) {
    expect(await listProjects(person)).toEqual(["Move"]);
    expect((await readProject(person, projectId)).data?.project?.members).toEqual([
      { id: expect.any(String), isOwner: true, user: publicOf(owner) },
      { id: expect.any(String), isOwner: false, user: publicOf(member) },
    ]);
  }
  expect(await listProjects(stranger)).toEqual([]);
  const answers = await Promise.all([projectId, missing, "1", ""].map((id) => readProject(stranger, id)));
  for (const { codes, data } of answers) {
    expect(codes).toEqual(["NOT_FOUND"]);
    expect(data).toEqual({ project: null });
  }
});

const publicOf = ({ user: { id, username } }: Team["owner"]) => ({ id, username });

describe("only an owner", () => {
  test("adds members, and says which one is there already or is nobody", async () => {
    const { owner, member, stranger, projectId, join } = team;
    const { user } = await join();
    const wanted = { projectId, username: user.username };
    expect((await addMember(member, wanted)).codes).toEqual(["FORBIDDEN"]);
    expect((await addMember(stranger, wanted)).codes).toEqual(["NOT_FOUND"]);
    const added = await addMember(owner, wanted);
    expect(added.data?.addMember?.member).toMatchObject({ isOwner: false });
    expect(ruleOf(await addMember(owner, wanted))).toBe("unique");
    expect(ruleOf(await addMember(owner, { projectId, username: "marguerite" }))).toBe("exists");
    expect((await removeMember(owner, added.data?.addMember?.member.id)).codes).toEqual([]);
  });

  test("removes others; members may leave, but not the last owner", async () => {
    const { owner, member, stranger, projectId, join } = team;
    const guest = await join();
    await addMember(owner, { projectId, username: guest.user.username });
    const members = (await readProject(owner, projectId)).data?.project?.members ?? [];
    const idOf = ({ user: { id } }: Team["owner"]) => members.find(({ user }) => user.id === id)?.id;
    expect((await removeMember(member, idOf(guest))).codes).toEqual(["FORBIDDEN"]);
    expect((await removeMember(stranger, idOf(guest))).codes).toEqual(["NOT_FOUND"]);
    expect(ruleOf(await removeMember(owner, idOf(owner)))).toBe("last_owner");
    expect((await removeMember(guest, idOf(guest))).codes).toEqual([]);
    expect((await readProject(guest, projectId)).codes).toEqual(["NOT_FOUND"]);
  });

  test("deletes the project, with its tasks and members", async () => {
    const { owner, member, stranger } = team;
    const id = await createProject(owner, "Party");
    await addMember(owner, { projectId: id, username: member.user.username });
    expect((await deleteProject(member, id)).codes).toEqual(["FORBIDDEN"]);
    expect((await deleteProject(stranger, id)).codes).toEqual(["NOT_FOUND"]);
    expect((await deleteProject(owner, id)).codes).toEqual([]);
    expect(await listProjects(member)).toEqual(["Move"]);
    expect((await deleteProject(owner, id)).codes).toEqual(["NOT_FOUND"]);
  });
});

test("a moderator sees and deletes anybody's project, but does not change it", async () => {
  const { server, owner, projectId } = team;
  const { client } = await administrator();
  const moderator = { client };
  expect(await listProjects(moderator)).toEqual([]);
  expect((await readProject(moderator, projectId)).codes).toEqual([]);
  expect((await listTasks(moderator, { projectId })).codes).toEqual([]);
  expect((await addMember(moderator, { projectId, username: "anybody" })).codes).toEqual(["NOT_FOUND"]);
  const id = await createProject(owner, "Spam");
  expect((await deleteProject(moderator, id)).codes).toEqual([]);
  expect((await deleteProject(moderator, id)).codes).toEqual(["NOT_FOUND"]);
  expect(server.log.join("")).not.toContain("Spam");
});

/** Holds every permission. */
const administrator = async () => {
  const user = await team.server.createUser({ roles: ["ADMIN"] });
  return { user, client: await team.server.logInAs(user) };
};

test("a user owns as many projects as MAX_PROJECTS says, also when two requests come at once", async () => {
  const person = await team.join();
  const answers = await Promise.allSettled(
    ["one", "two", "three", "four", "five"].map((name) => createProject(person, name)),
  );
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  const refused = answers.flatMap((it) => (it.status === "rejected" ? [String(it.reason)] : []));
  expect(refused).toEqual([expect.stringContaining("max_projects"), expect.stringContaining("max_projects")]);
});

test.each([
  ["nothing", "  ", "required"],
  ["too much", "🙂".repeat(201), "max_length"],
])("a name of %s is refused", async (_what, name, rule) => {
  await expect(createProject(team.owner, name)).rejects.toThrow(rule);
});

const ruleOf = ({ errors }: Awaited<ReturnType<typeof removeMember>>): unknown => {
  const [field] = (errors[0]?.extensions.fields ?? []) as { rule: string }[];
  return field?.rule;
};
