// `graphward session` ends sessions.
import { Command } from "commander";
import { revokeSessionsOf } from "../auth/accounts.ts";
import { fromCommandLine } from "../auth/audit.ts";
import { print, withDatabase } from "./database.ts";
import { requireValue } from "./outcome.ts";

export const sessionCommand = new Command("session").description("sessions of accounts");

sessionCommand
  .command("revoke")
  .description("log an account out everywhere, cookies and tokens alike")
  .requiredOption("--user <username>", "whose sessions to end")
  .action(({ user }: { user: string }) =>
    withDatabase(async ({ database }) => {
      const ended = requireValue(await revokeSessionsOf(database, user, fromCommandLine));
      print(`Sessions ended: ${ended}.`);
    }),
  );
