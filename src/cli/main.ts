// `graphward <command>`: each with --help, exit status 0 or 1, and readable lines on failure.
import "reflect-metadata";
import { Command } from "commander";

/** Imported when they are asked for: what only the server needs takes longer to load than `user list` to answer. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./start.ts")).startCommand,
  migrate: async () => (await import("./migrate.ts")).migrateCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  schema: async () => (await import("./schema.ts")).schemaCommand,
  access: async () => (await import("./access.ts")).accessCommand,
  prune: async () => (await import("./prune.ts")).pruneCommand,
  user: async () => (await import("./user.ts")).userCommand,
  role: async () => (await import("./role.ts")).roleCommand,
  session: async () => (await import("./session.ts")).sessionCommand,
  token: async () => (await import("./token.ts")).tokenCommand,
  mail: async () => (await import("./mail.ts")).mailCommand,
  audit: async () => (await import("./audit.ts")).auditCommand,
};

const program = new Command("graphward")
  .description("A GraphQL API server that is private by default.")
  .showHelpAfterError("(graphward --help lists the commands)");

const [, , asked = ""] = process.argv;
// Whoever asks for no command, or for one that is not there, is shown all of them.
const shown = Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);

try {
  for (const name of shown) {
    const command = await commands[name]?.();
    if (command !== undefined) program.addCommand(command);
  }
  await program.parseAsync();
} catch (error) {
  // The message alone: whoever types a command needs what to do, not where in our code it was noticed.
  process.stderr.write(`graphward: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
