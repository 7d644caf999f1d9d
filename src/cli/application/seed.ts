// `graphward seed` fills the database with what an application needs to be tried.
import { Command } from "commander";
import { print } from "../command/terminal.ts";

export const seedCommand = new Command("seed").description("run the application's seed").action(async () => {
  const { createAfterRegister } = await import("../../auth/account-hooks.ts");
  const { createUser } = await import("../../auth/administration/operator.ts");
  const { fromCommandLine } = await import("../../auth/audit/record.ts");
  const { forkOf } = await import("../../auth/services.ts");
  const { requireValue } = await import("../command/terminal.ts");
  const { readPasswordPolicy } = await import("../user/password-input.ts");
  const { withEntities } = await import("../command/with-database.ts");
  await withEntities(async (opened, application) => {
    if (application.seed === null) throw new Error("The application has no seed: add one to defineServer().");
    const em = opened.orm.em.fork();
    const { afterRegister } = application.accounts;
    const hook = createAfterRegister({ afterRegister }, (transaction) => forkOf(opened, transaction));
    await application.seed({
      em,
      createUser: async ({ email = null, roles = [], ...given }) => {
        const user = { ...given, email, roles };
        const policy = readPasswordPolicy(application);
        return requireValue(await createUser(opened.database, user, fromCommandLine, policy, hook));
      },
    });
    await em.flush();
    print("Seeded.");
  });
});
