// Shows what others do as it happens: a subscription keeps the tasks of a project as they are.
import type { ApolloCache } from "@apollo/client";
import { useSubscription } from "@apollo/client/react";
import { useEffect, useRef } from "react";
import { findRetryWait } from "./client.ts";
import { TASK_CHANGED, TASKS, type Task, type TaskChange } from "./operations.ts";

export const useChanges = (projectId: string): void => {
  const timer = useRef<number>(undefined);
  const { restart } = useSubscription(TASK_CHANGED, {
    variables: { projectId },
    // The list of tasks shows them, from the cache.
    ignoreResults: true,
    onData: ({ client: { cache }, data: { data } }) => {
      if (data?.taskChanged) showChange(cache, projectId, data.taskChanged);
    },
    // Apollo Client does not open a stream again by itself.
    onError: (error) => {
      const wait = findRetryWait(error);
      if (wait !== null) timer.current = window.setTimeout(restart, wait);
    },
  });
  useEffect(() => () => clearTimeout(timer.current), []);
};

/** A task that the list has needs nothing: the cache has its new fields. */
const showChange = (cache: ApolloCache, projectId: string, { id, task }: TaskChange): void => {
  if (task !== null) showTask(cache, projectId, task);
  else
    cache.updateQuery({ query: TASKS, variables: { projectId } }, (before) => {
      const shown = before?.tasks;
      return shown && { tasks: { ...shown, tasks: shown.tasks.filter((it) => it.id !== id) } };
    });
};

export const showTask = (cache: ApolloCache, projectId: string, task: Task): void => {
  cache.updateQuery({ query: TASKS, variables: { projectId } }, (before) => {
    const shown = before?.tasks;
    // New tasks are the last ones: with a next page, they are not in this list yet.
    if (!shown || shown.next !== null || shown.tasks.some(({ id }) => id === task.id)) return undefined;
    return { tasks: { ...shown, tasks: [...shown.tasks, task] } };
  });
};
