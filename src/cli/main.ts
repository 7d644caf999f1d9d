// `graphward <command>`: each with --help, exit status 0 or 1, and readable lines on failure.
import "reflect-metadata";
import { Command } from "commander";
import { accessCommand } from "./access.ts";
import { auditCommand } from "./audit.ts";
import { checkCommand } from "./check.ts";
import { mailCommand } from "./mail.ts";
import { migrateCommand } from "./migrate.ts";
import { pruneCommand } from "./prune.ts";
import { roleCommand } from "./role.ts";
import { schemaCommand } from "./schema.ts";
import { sessionCommand } from "./session.ts";
import { startCommand } from "./start.ts";
import { tokenCommand } from "./token.ts";
import { userCommand } from "./user.ts";

const program = new Command("graphward")
  .description("A GraphQL API server that is private by default.")
  .showHelpAfterError("(graphward --help lists the commands)");

for (const command of [
  startCommand,
  migrateCommand,
  checkCommand,
  schemaCommand,
  accessCommand,
  pruneCommand,
  userCommand,
  roleCommand,
  sessionCommand,
  tokenCommand,
  mailCommand,
  auditCommand,
])
  program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  // The message alone: whoever types a command needs what to do, not where in our code it was noticed.
  process.stderr.write(`graphward: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
