// `graphward user deactivate` and `reactivate` block a user from logging in, and allow it again.
import { Command } from "commander";
import type { Act } from "../../auth/administration/administer.ts";
import { print, printJson } from "../command/terminal.ts";

export const deactivateCommand = command("deactivate", {
  description: "block a user's logins, and end their sessions, access tokens and links",
  loadAct: async () => (await import("../../auth/administration/activation.ts")).deactivate,
  done: "was deactivated.",
});

export const reactivateCommand = command("reactivate", {
  description: "allow a user to log in again; ended sessions, access tokens and links stay ended",
  loadAct: async () => (await import("../../auth/administration/activation.ts")).reactivate,
  done: "was reactivated.",
});

interface Activation {
  readonly description: string;
  readonly loadAct: () => Promise<Act>;
  readonly done: string;
}

function command(name: string, { description, loadAct, done }: Activation): Command {
  return new Command(name)
    .description(description)
    .argument("<username>")
    .option("--json", "print JSON")
    .action(async (username: string, { json }: { json?: true }) => {
      const { withDatabase } = await import("../command/with-database.ts");
      const { actOn } = await import("./act.ts");
      const { inFull } = await import("./describe.ts");
      await withDatabase(async ({ database }) => {
        const user = await actOn(database, username, await loadAct());
        if (json) printJson(await inFull(user));
        else print(`${user.username} ${done}`);
      });
    });
}
