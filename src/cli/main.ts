// `graphward <command>`: each with --help, exit status 0 or 1, and readable lines on failure.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { accessCommand } from "./access.ts";
import { auditCommand } from "./audit.ts";
import { checkCommand } from "./check.ts";
import { databaseCommand } from "./database.ts";
import { mailCommand } from "./mail.ts";
import { migrateCommand } from "./migrate.ts";
import { pruneCommand } from "./prune.ts";
import { restoredCommand } from "./restored.ts";
import { roleCommand } from "./role.ts";
import { schemaCommand } from "./schema.ts";
import { sessionCommand } from "./session.ts";
import { tokenCommand } from "./token.ts";
import { userCommand } from "./user.ts";

// Each file defines its command with commander only, and imports the rest when it runs: --help loads nothing else.
const startCommand = new Command("start")
  .description("start the server; stop it with Ctrl-C or SIGTERM")
  .action(async () => (await import("../main.ts")).main());

const program = new Command("graphward")
  .description("A GraphQL API server that is private by default.")
  .option("-V, --version", "print the version")
  .showHelpAfterError("(graphward --help lists all commands)")
  .addCommand(startCommand)
  .addCommand(migrateCommand)
  .addCommand(checkCommand)
  .addCommand(schemaCommand)
  .addCommand(accessCommand)
  .addCommand(pruneCommand)
  .addCommand(restoredCommand)
  .addCommand(databaseCommand)
  .addCommand(userCommand)
  .addCommand(roleCommand)
  .addCommand(sessionCommand)
  .addCommand(tokenCommand)
  .addCommand(mailCommand)
  .addCommand(auditCommand);

/** Two levels up is the project, from src and from dist. */
program.on("option:version", () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  process.stdout.write(`${version}\n`);
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  // Only the message: the stack does not help an operator.
  process.stderr.write(`graphward: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
