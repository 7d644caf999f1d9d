// `graphward migration` writes and checks the migrations of an application.
import { Command } from "commander";
import { print } from "./terminal.ts";

export const migrationCommand = new Command("migration").description("migrations of the application");

migrationCommand
  .command("create")
  .description("write the migration that the application's entities need")
  .argument("<name>", "in lower case, such as add-notes")
  .option("--empty", "write an empty migration, to fill in by hand")
  .action(async (name: string, { empty = false }: { readonly empty?: boolean }) => {
    const { loadApplication } = await import("./application.ts");
    const { createMigration } = await import("../database/migrating/create-migration.ts");
    const file = await createMigration((await loadApplication()).tables, { name, empty });
    print(file ?? "The entities need no migration.");
  });

migrationCommand
  .command("check")
  .description("exit status 1 when the entities need a migration that is not there")
  .action(async () => {
    const { loadApplication } = await import("./application.ts");
    const { isMigrationMissing } = await import("../database/migrating/create-migration.ts");
    if (await isMigrationMissing((await loadApplication()).tables))
      throw new Error("An entity has changed without a migration: npx graphward migration create <name>");
    print("The migrations match the entities.");
  });
