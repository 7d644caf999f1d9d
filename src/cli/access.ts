// `graphward access` shows, and accepts, what the schema opens.
import { Command } from "commander";
import { print } from "./terminal.ts";

export const accessCommand = new Command("access")
  .description("compare access.lock with what the schema opens")
  .option("--write", "accept the schema as it is")
  .action(async ({ write }: { write?: true }) => {
    const { requireCurrentBuild } = await import("../schema/built-sources.ts");
    // The file would say what an older build opens, and the next start would refuse it.
    if (write) await requireCurrentBuild("npm run access -- --write builds first");
    const { requireAccessLock, writeAccessLock } = await import("../schema/access-lock-file.ts");
    const { buildGuardedSchema } = await import("../schema/build.ts");
    const schema = buildGuardedSchema();
    await (write ? writeAccessLock(schema) : requireAccessLock(schema));
    print(write ? "access.lock is written. Commit it." : "access.lock is what the schema opens.");
  });
