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

/** A client that reads events as they come. */
const follow = async ({ client }: Pick<Person, "client">, projectId: string) => {
  const leaving = new AbortController();
  const query =
    "subscription ($projectId: ID!) { taskChanged(projectId: $projectId) { id task { title isDone } } }";
  const response = await fetch(team.server.url, {
    method: "POST",
    headers: {
      accept: "text/event-stream, application/json;q=0.9",
      "content-type": "application/json",
      cookie: [...client.cookies].map((pair) => pair.join("=")).join("; "),
    },
    body: JSON.stringify({ query, variables: { projectId } }),
    signal: leaving.signal,
  });
  let text = "";
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
  };
  const ended = read().catch(() => undefined);
  const events = (): {
    data: { taskChanged: Change | null };
    errors?: { extensions: { code: string } }[];
  }[] => [...text.matchAll(/^data: (.+)$/gm)].map(([, json = ""]) => JSON.parse(json));
  return { status: response.status, events, ended, close: () => leaving.abort() };
};

test("every member sees what another one changes, and only in that project", async () => {
  const { owner, member, projectId } = team;
  const stream = await follow(member, projectId);
  const created = requireData(await createTask(owner, { projectId, title: "Order the desks" })).createTask;
  const id = created?.task.id ?? "";
  await updateTask(owner, { id, isDone: true });
  await deleteTask(owner, id);
  await expect.poll(() => stream.events().length).toBe(3);
  expect(stream.events().map(({ data }) => data.taskChanged?.id)).toEqual([id, id, id]);
  expect(stream.events().at(-1)?.data.taskChanged?.task).toBeNull();
  stream.close();
});

test("nobody follows without a login, and a stranger sees nothing of a foreign project", async () => {
  const { server, owner, stranger, projectId } = team;
  const anonymous = await follow({ client: server.createClient() }, projectId);
  expect(anonymous.status).toBe(401);
  await anonymous.ended;
  const [foreign, own] = [await follow(stranger, projectId), await follow(owner, projectId)];
  await createTask(owner, { projectId, title: "A secret plan" });
  await expect.poll(() => own.events().length).toBe(1);
  expect(foreign.events()).toEqual([]);
  for (const stream of [foreign, own]) stream.close();
});

test("a member who is removed sees no further task", async () => {
  const { owner, member, projectId } = team;
  const [stream, own] = [await follow(member, projectId), await follow(owner, projectId)];
  await createTask(owner, { projectId, title: "Before" });
  await expect.poll(() => stream.events().length).toBe(1);
  const project = requireData(await readProject(owner, projectId)).project;
  const row = project?.members.find(({ user }) => user.id === member.user.id);
  await removeMember(owner, row?.id);
  await createTask(owner, { projectId, title: "After" });
  await expect.poll(() => own.events().length).toBe(2);
  expect(stream.events().map(({ data }) => data.taskChanged?.task?.title)).toEqual(["Before"]);
  for (const it of [stream, own]) it.close();
});
