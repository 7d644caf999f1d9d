// `graphward access` shows and accepts the public fields and the rules of the schema.
import { Command } from "commander";
import { print } from "./command/terminal.ts";

export const accessCommand = new Command("access")
  .description("compare access.lock with the access rules of the schema")
  .option("--write", "write the access rules of the schema to access.lock")
  .action(async ({ write }: { write?: true }) => {
    const { requireCurrentBuild } = await import("../schema/built-sources.ts");
    // An old build would write an outdated file, and the next start would refuse it.
    if (write) await requireCurrentBuild("npm run access -- --write builds first");
    const { loadApplication } = await import("./application/load.ts");
    const application = await loadApplication();
    const { requireAccessLock, writeAccessLock } = await import("../schema/access-lock-file.ts");
    const { buildGuardedSchema, withFederation } = await import("../schema/build.ts");
    const schema = buildGuardedSchema(application, withFederation);
    await (write ? writeAccessLock(schema, application.root) : requireAccessLock(schema, application.root));
    print(write ? "access.lock was written. Commit it." : "access.lock matches the schema.");
  });
