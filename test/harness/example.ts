// The application in `examples`. Loaded only when a test asks: its sources import this package by its name.
import { join } from "node:path";
import { type Application, openApplication } from "../../src/application/application.ts";
import type { ServerDefinition } from "../../src/application/definition.ts";

export const exampleDirectory = join(import.meta.dirname, "../../examples/team-tasks");

export const openExample = async (): Promise<Application> => {
  // Once: after a test that resets modules, its classes would be others.
  loading ??= import(join(exampleDirectory, "graphward.config.ts"));
  return openApplication((await loading).default, exampleDirectory);
};

let loading: Promise<{ readonly default: ServerDefinition }> | undefined;
