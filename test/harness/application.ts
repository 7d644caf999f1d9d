// A server with an application of the test's own, as graphward.config.ts would define it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApplication } from "../../src/application/application.ts";
import { defineServer, type ServerDefinition } from "../../src/application/definition.ts";
import { writeAccessLock } from "../../src/schema/access-lock-file.ts";
import { buildGuardedSchema, withFederation } from "../../src/schema/build.ts";
import { type App, startApp } from "./server.ts";

/** Its access.lock is accepted as it is. */
export const startApplication = async (
  definition: ServerDefinition,
  environment: NodeJS.ProcessEnv = {},
): Promise<App> => {
  const root = await mkdtemp(join(tmpdir(), "graphward-application-"));
  const application = openApplication(defineServer(definition), root);
  await writeAccessLock(buildGuardedSchema(application, withFederation), root);
  const app = await startApp(environment, application);
  const close = async () => {
    await app.close();
    await rm(root, { recursive: true });
  };
  return { ...app, close };
};
