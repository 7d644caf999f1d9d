// What all tests need: a project with an owner and a member, a stranger, and the operations.
import { type Answer, type Client, startTestServer, type TestServer, type TestUser } from "graphward/testing";
import application from "../graphward.config.ts";

export interface Team {
  readonly server: TestServer;
  readonly projectId: string;
  readonly owner: Person;
  readonly member: Person;
  readonly stranger: Person;
  join(): Promise<Person>;
}

export interface Person {
  readonly user: TestUser;
  readonly client: Client;
}

export async function startTeam(settings: Readonly<Record<string, string>> = {}): Promise<Team> {
  const server = await startTestServer(application, { settings });
  const join = async (): Promise<Person> => {
    const user = await server.createUser();
    return { user, client: await server.logInAs(user) };
  };
  const [owner, member, stranger] = [await join(), await join(), await join()];
  const projectId = await createProject(owner, "Move");
  await addMember(owner, { projectId, username: member.user.username });
  return { server, projectId, owner, member, stranger, join };
}

interface WithId {
  readonly id: string;
}

export interface Task extends WithId {
  readonly title: string;
  readonly isDone: boolean;
  readonly assignee: Readonly<Record<string, unknown>> | null;
}

type Variables = Readonly<Record<string, unknown>>;
type Sender = Pick<Person, "client">;

export const requireData = <Data>({ data, text }: Answer<Data>): Data => {
  if (!data) throw new Error(text);
  return data;
};

export async function createProject({ client }: Sender, name: string): Promise<string> {
  const document = "mutation ($name: String!) { createProject(name: $name) { project { id } } }";
  const answer = await client.run<{ createProject: { project: WithId } | null }>(document, { name });
  const { createProject } = requireData(answer);
  if (createProject === null) throw new Error(answer.text);
  return createProject.project.id;
}

export const addMember = ({ client }: Sender, variables: Variables) =>
  client.run<{ addMember: { member: WithId } | null }>(
    `mutation ($projectId: ID!, $username: String!, $isOwner: Boolean) {
      addMember(projectId: $projectId, username: $username, isOwner: $isOwner) { member { id isOwner } }
    }`,
    variables,
  );

export const removeMember = ({ client }: Sender, id: string | undefined) =>
  client.run("mutation ($id: ID!) { removeMember(id: $id) { id } }", { id });

export const readProject = ({ client }: Sender, id: string) =>
  client.run<{ project: { members: { id: string; isOwner: boolean; user: Variables }[] } | null }>(
    "query ($id: ID!) { project(id: $id) { id name members { id isOwner user { id username } } } }",
    { id },
  );

export const listProjects = async ({ client }: Sender) =>
  requireData(await client.run<{ projects: { name: string }[] }>("{ projects { name } }")).projects.map(
    ({ name }) => name,
  );

export const deleteProject = ({ client }: Sender, id: string) =>
  client.run("mutation ($id: ID!) { deleteProject(id: $id) { id } }", { id });

export const listTasks = ({ client }: Sender, variables: Variables, fields = "id title isDone") =>
  client.run<{ tasks: { tasks: Task[]; next: string | null } | null }>(
    `query ($projectId: ID!, $first: Int, $after: ID) {
      tasks(projectId: $projectId, first: $first, after: $after) { tasks { ${fields} } next }
    }`,
    variables,
  );

export const createTask = ({ client }: Sender, variables: Variables) =>
  client.run<{ createTask: { task: Task } | null }>(
    `mutation ($projectId: ID!, $title: String!, $assigneeId: ID) {
      createTask(projectId: $projectId, title: $title, assigneeId: $assigneeId) {
        task { id title isDone assignee { id } }
      }
    }`,
    variables,
  );

export const updateTask = ({ client }: Sender, changes: Variables) =>
  client.run<{ updateTask: { task: Task } | null }>(
    `mutation ($id: ID!, $title: String, $isDone: Boolean, $assigneeId: ID) {
      updateTask(id: $id, title: $title, isDone: $isDone, assigneeId: $assigneeId) {
        task { id title isDone assignee { id } }
      }
    }`,
    changes,
  );

export const deleteTask = ({ client }: Sender, id: string) =>
  client.run("mutation ($id: ID!) { deleteTask(id: $id) { id } }", { id });

/** The SQL of what `act` lets MikroORM ask. */
export async function statementsOf(server: TestServer, act: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const { config } = server.em;
  config.set("onQuery", (text) => {
    statements.push(text);
    return text;
  });
  await act();
  config.set("onQuery", (text) => text);
  return statements;
}
