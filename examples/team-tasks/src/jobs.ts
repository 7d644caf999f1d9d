// What runs in the background.
import { days, type Task as JobTask, type ServerDefinition } from "graphward";
import { Task } from "./task.ts";

const doneTasksStay = days(90);

/** Added in the transaction that assigns the task. It only logs: a mail or a message to a chat would be sent here. */
const taskAssigned: JobTask = async (payload, { log }) => {
  log.info({ assigned: payload }, "task assigned");
};

const pruneDoneTasks: JobTask = async (_payload, { em, log }) => {
  const pruned = await em.nativeDelete(Task, { doneAt: { $lt: new Date(Date.now() - doneTasksStay) } });
  log.info({ pruned }, "done tasks pruned");
};

export const jobs: NonNullable<ServerDefinition["jobs"]> = {
  tasks: { "task-assigned": taskAssigned, "prune-done-tasks": pruneDoneTasks },
  cron: [{ task: "prune-done-tasks", pattern: "0 3 * * *" }],
};
