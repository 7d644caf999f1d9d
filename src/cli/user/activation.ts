// `graphward user deactivate` and `reactivate` lock an account out, and let it in again.
import { Command } from "commander";
import type { Act } from "../../auth/administration/administer.ts";
import { print, printJson } from "../terminal.ts";

export const deactivateCommand = command("deactivate", {
  description: "lock an account out, and end its sessions, access tokens and links",
  loadAct: async () => (await import("../../auth/administration/activation.ts")).deactivate,
  done: "is deactivated.",
});

export const reactivateCommand = command("reactivate", {
  description: "let an account log in again; what was ended stays ended",
  loadAct: async () => (await import("../../auth/administration/activation.ts")).reactivate,
  done: "is active.",
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
    .option("--json", "as JSON")
    .action(async (username: string, { json }: { json?: true }) => {
      const { withDatabase } = await import("../with-database.ts");
      const { actOn } = await import("./act.ts");
      const { inFull } = await import("./describe.ts");
      await withDatabase(async ({ database }) => {
        const user = await actOn(database, username, await loadAct());
        if (json) printJson(await inFull(user));
        else print(`${user.username} ${done}`);
      });
    });
}
