// `graphward user deactivate` and `reactivate` lock an account out, and let it in again.
import { Command } from "commander";
import { deactivate, reactivate } from "../../auth/administration/activation.ts";
import type { Act } from "../../auth/administration/administer.ts";
import { print, printJson, withDatabase } from "../database.ts";
import { actOn } from "./act.ts";
import { inFull } from "./describe.ts";

const command = (name: string, { description, act, done }: { description: string; act: Act; done: string }) =>
  new Command(name)
    .description(description)
    .argument("<username>")
    .option("--json", "as JSON")
    .action((username: string, { json }: { json?: true }) =>
      withDatabase(async ({ database }) => {
        const user = await actOn(database, username, act);
        if (json) printJson(inFull(user));
        else print(`${user.username} ${done}`);
      }),
    );

export const deactivateCommand = command("deactivate", {
  description: "lock an account out, and end its sessions, access tokens and links",
  act: deactivate,
  done: "is deactivated.",
});

export const reactivateCommand = command("reactivate", {
  description: "let an account log in again; what was ended stays ended",
  act: reactivate,
  done: "is active.",
});
