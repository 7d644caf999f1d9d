// The tasks of a project: to add, to tick and to assign.
import { useMutation, useQuery } from "@apollo/client/react";
import type { FormEvent } from "react";
import { showTask, useChanges } from "./changes.ts";
import { textOf } from "./client.ts";
import { CREATE_TASK, type Project, TASKS, type Task, UPDATE_TASK } from "./operations.ts";
import { nameOf } from "./projects.tsx";

export const Tasks = ({ project }: { readonly project: Project }) => {
  const variables = { projectId: project.id };
  // What the cache has is only shown until the answer is there. When the stream opens, the tasks are asked for once more, and an
  // answer that is on its way would not do.
  const { data, error, fetchMore } = useQuery(TASKS, {
    variables,
    fetchPolicy: "cache-and-network",
    context: { queryDeduplication: false },
  });
  useChanges(project.id);
  const [createTask, creation] = useMutation(CREATE_TASK, {
    update: (cache, { data }) => data?.createTask && showTask(cache, project.id, data.createTask.task),
  });
  const [updateTask, change] = useMutation(UPDATE_TASK);
  const problem = error ?? creation.error ?? change.error;
  const next = data?.tasks?.next;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const title = String(new FormData(form).get("title"));
    const isAdded = await createTask({ variables: { ...variables, title } }).then(
      () => true,
      () => false,
    );
    if (isAdded) form.reset();
  };

  const update = (changes: Parameters<typeof updateTask>[0]) =>
    void updateTask(changes).catch(() => undefined);

  const showMore = () =>
    fetchMore({
      variables: { ...variables, after: next ?? null },
      updateQuery: (before, { fetchMoreResult: { tasks: more } }) =>
        more && before.tasks ? { tasks: { ...more, tasks: [...before.tasks.tasks, ...more.tasks] } } : before,
    });

  return (
    <section aria-labelledby="tasks">
      <h2 id="tasks">Tasks</h2>
      <form onSubmit={submit}>
        <label>
          New task <input name="title" maxLength={200} required />
        </label>
        <button type="submit">Add task</button>
      </form>
      {problem && <p role="alert">{textOf(problem)}</p>}
      <ul>
        {data?.tasks?.tasks.map((task) => (
          <Line key={task.id} task={task} project={project} onChange={update} />
        ))}
      </ul>
      {next && (
        <button type="button" onClick={showMore}>
          Show more
        </button>
      )}
    </section>
  );
};

interface LineParts {
  readonly task: Task;
  readonly project: Project;
  onChange(changes: { variables: { id: string; isDone?: boolean; assigneeId?: string | null } }): void;
}

const Line = ({ task: { id, title, isDone, assignee }, project, onChange }: LineParts) => (
  <li>
    <label className={isDone ? "done" : ""}>
      <input
        type="checkbox"
        checked={isDone}
        onChange={() => onChange({ variables: { id, isDone: !isDone } })}
      />{" "}
      {title}
    </label>
    <select
      aria-label={`Assignee of ${title}`}
      value={assignee?.id ?? ""}
      onChange={(event) => onChange({ variables: { id, assigneeId: event.target.value || null } })}
    >
      <option value="">nobody</option>
      {project.members.map(({ user }) => (
        <option key={user.id} value={user.id}>
          {nameOf(user)}
        </option>
      ))}
    </select>
  </li>
);
