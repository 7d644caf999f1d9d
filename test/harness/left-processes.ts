// The processes that the tests of a file have started. Loads nothing of the server, as a setup file imports it: the order in which the
// types are loaded is that of the schema.
import type { ChildProcess } from "node:child_process";

const living = new Set<ChildProcess>();

export const endWithFile = (child: ChildProcess): void => {
  living.add(child);
  child.once("exit", () => living.delete(child));
};

export const endLeftProcesses = (): void => {
  for (const child of living) child.kill("SIGKILL");
};
