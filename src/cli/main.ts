// `graphward <command>`: each with --help, exit status 0 or 1, and readable lines on failure.
import { Command } from "commander";
import { readVersion } from "../package-root.ts";
import { accessCommand } from "./access.ts";
import { buildCommand } from "./application/build.ts";
import { devCommand } from "./application/dev.ts";
import { migrationCommand } from "./application/migration.ts";
import { seedCommand } from "./application/seed.ts";
import { auditCommand } from "./audit.ts";
import { backupCommand } from "./backup.ts";
import { checkCommand } from "./check.ts";
import { spellOutControls } from "./command/terminal.ts";
import { databaseCommand } from "./database.ts";
import { doctorCommand } from "./doctor/doctor.ts";
import { explainCommand } from "./explain.ts";
import { mailCommand } from "./mail.ts";
import { migrateCommand } from "./migrate.ts";
import { pruneCommand } from "./prune.ts";
import { restoreCommand } from "./restore.ts";
import { restoredCommand } from "./restored.ts";
import { roleCommand } from "./role.ts";
import { schemaCommand } from "./schema.ts";
import { sessionCommand } from "./session.ts";
import { tokenCommand } from "./token.ts";
import { userCommand } from "./user/user.ts";

// Each file defines its command with commander only, and imports the rest when it runs: --help loads nothing else.
const startCommand = new Command("start")
  .description("start the server; stop it with Ctrl-C or SIGTERM")
  .action(async () => {
    const { loadBuiltApplication } = await import("./application/load.ts");
    await (await import("../main.ts")).main(loadBuiltApplication);
  });

const program = new Command("graphward")
  .description("A GraphQL API server that is private by default.")
  .option("-V, --version", "print the version")
  .showHelpAfterError("(graphward --help lists all commands)")
  .addCommand(devCommand)
  .addCommand(buildCommand)
  .addCommand(startCommand)
  .addCommand(migrateCommand)
  .addCommand(migrationCommand)
  .addCommand(checkCommand)
  .addCommand(doctorCommand)
  .addCommand(schemaCommand)
  .addCommand(accessCommand)
  .addCommand(pruneCommand)
  .addCommand(backupCommand)
  .addCommand(restoreCommand)
  .addCommand(restoredCommand)
  .addCommand(seedCommand)
  .addCommand(databaseCommand)
  .addCommand(userCommand)
  .addCommand(roleCommand)
  .addCommand(sessionCommand)
  .addCommand(tokenCommand)
  .addCommand(mailCommand)
  .addCommand(auditCommand)
  .addCommand(explainCommand);

program.on("option:version", () => {
  process.stdout.write(`${readVersion()}\n`);
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  // Only the message: the stack does not help an operator.
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`graphward: ${spellOutControls(message)}\n`);
  process.exitCode = 1;
}
