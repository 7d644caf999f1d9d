// `graphward session` ends sessions.
import { Command, Option } from "commander";
import { revokeSessionsOf } from "../auth/administration/operator.ts";
import { fromCommandLine } from "../auth/audit/record.ts";
import { endAllSessions } from "../auth/sessions/ends.ts";
import { print, printJson, withDatabase } from "./database.ts";
import { requireValue } from "./outcome.ts";

interface RevokeOptions {
  readonly user?: string;
  readonly everyone?: true;
  readonly json?: true;
}

export const sessionCommand = new Command("session").description("sessions of accounts");

sessionCommand
  .command("revoke")
  .description("log an account out everywhere, or all of them: cookies and tokens alike, access tokens stay")
  .option("--user <username>", "whose sessions to end")
  .addOption(new Option("--everyone", "end the sessions of every account").conflicts("user"))
  .option("--json", "as JSON")
  .action(({ user, everyone, json }: RevokeOptions) =>
    withDatabase(async ({ database }) => {
      if (user === undefined && !everyone)
        throw new Error("Say whose sessions to end: --user or --everyone.");
      const ended =
        user === undefined
          ? await endAllSessions(database, fromCommandLine)
          : requireValue(await revokeSessionsOf(database, user, fromCommandLine));
      if (json) printJson({ ended });
      else print(`Sessions ended: ${ended}.`);
    }),
  );
