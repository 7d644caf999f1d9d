// `graphward user unlink-identity` removes a login with a provider from a user's account.
import { Command } from "commander";
import { print, printJson, requireConfirmation } from "../command/terminal.ts";

interface Options {
  readonly yes?: true;
  readonly json?: true;
}

export const unlinkIdentityCommand = new Command("unlink-identity")
  .description(
    "remove a login with a provider from a user's account, such as a stolen one, and end all their sessions",
  )
  .argument("<username>")
  .argument("<id>", "of the login, as `user show` prints it")
  .option("--yes", "do not ask whether you are sure")
  .option("--json", "print JSON")
  .action(async (username: string, id: string, { yes, json }: Options) => {
    if (!yes) await requireConfirmation(`Remove this login from the account of ${username}?`);
    const { removeIdentity } = await import("../../auth/administration/identity-removal.ts");
    const { hasWayIn } = await import("../../auth/flows/ways-in.ts");
    const { readConfig } = await import("../../config/config.ts");
    const { withDatabase } = await import("../command/with-database.ts");
    const { waysInOf } = await import("../command/ways-in.ts");
    const { actOn } = await import("./act.ts");
    const { inFull } = await import("./describe.ts");
    await withDatabase(async ({ database }, application) => {
      const ways = waysInOf(readConfig(undefined, application.settings));
      const user = await actOn(database, username, removeIdentity(id, ways));
      const canLogIn = await hasWayIn(database, ways, user.id);
      if (json) return printJson({ ...(await inFull(user)), hasWayIn: canLogIn });
      print(`The login is removed, and ${user.username} is logged out everywhere.`);
      if (!canLogIn)
        print(
          `${user.username} has no way to log in now: let them reset the password, or set one: npx graphward user password`,
        );
    });
  });
