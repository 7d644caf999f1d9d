// `graphward access` shows, and accepts, what the schema opens.
import { Command } from "commander";
import { requireAccessLock, writeAccessLock } from "../schema/access-lock-file.ts";
import { buildGuardedSchema } from "../schema/build.ts";
import { print } from "./database.ts";

export const accessCommand = new Command("access")
  .description("compare access.lock with what the schema opens")
  .option("--write", "accept the schema as it is")
  .action(async ({ write }: { write?: true }) => {
    const schema = buildGuardedSchema();
    await (write ? writeAccessLock(schema) : requireAccessLock(schema));
    print(write ? "access.lock is written. Commit it." : "access.lock is what the schema opens.");
  });
