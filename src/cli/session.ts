// `graphward session` ends sessions.
import { Command, Option } from "commander";
import { print, printJson, requireValue } from "./command/terminal.ts";

interface RevokeOptions {
  readonly user?: string;
  readonly everyone?: true;
  readonly json?: true;
}

export const sessionCommand = new Command("session").description("end sessions");

sessionCommand
  .command("revoke")
  .description("end all sessions of one user or of all users; access tokens stay valid")
  .option("--user <username>", "the user whose sessions end")
  .addOption(new Option("--everyone", "end the sessions of all users").conflicts("user"))
  .option("--json", "print JSON")
  .action(async ({ user, everyone, json }: RevokeOptions) => {
    if (user === undefined && !everyone) throw new Error("Give --user or --everyone.");
    const { revokeSessionsOf } = await import("../auth/administration/operator.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { endAllSessions } = await import("../auth/sessions/ends.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const ended =
        user === undefined
          ? await endAllSessions(database, fromCommandLine)
          : requireValue(await revokeSessionsOf(database, user, fromCommandLine));
      if (json) printJson({ ended });
      else print(`Sessions ended: ${ended}.`);
    });
  });
