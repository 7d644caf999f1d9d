// `graphward migration` writes and checks the migrations of an application.
import { Command } from "commander";
import { print } from "../command/terminal.ts";

export const migrationCommand = new Command("migration").description("migrations of the application");

migrationCommand
  .command("create")
  .description("write the migration that the application's entities need")
  .argument("<name>", "in lower case, such as add-notes")
  .option("--empty", "write an empty migration, to fill in by hand")
  .action(async (name: string, { empty = false }: { readonly empty?: boolean }) => {
    const { loadApplication } = await import("./load.ts");
    const { createMigration } = await import("../../database/migrating/create-migration.ts");
    const file = await createMigration((await loadApplication()).tables, { name, empty });
    print(file ?? "The entities need no migration.");
  });

migrationCommand
  .command("check")
  .description(
    "run all migrations on an empty database, and compare the tables with the entities; exit status 1 when they differ",
  )
  .option("--write", "rewrite the snapshot, when only that is wrong, such as after a merge")
  .action(async ({ write = false }: { readonly write?: boolean }) => {
    const { loadApplication } = await import("./load.ts");
    const { checkMigrations } = await import("../../database/migrating/check-migrations.ts");
    const { tables } = await loadApplication();
    const { missing, isSnapshotBehind } = await checkMigrations(tables);
    if (missing.length > 0) {
      // The snapshot believes in a migration that is not there, as after a merge that lost one: nothing could be created from it.
      const remedy = isSnapshotBehind
        ? "Write what is missing: npx graphward migration create <name>"
        : "A migration was lost. Write one with these statements: npx graphward migration create <name> --empty";
      throw new Error(
        `The migrations do not make what the entities need:\n\n${missing.join(";\n")};\n\n${remedy}`,
      );
    }
    if (!isSnapshotBehind) return print("The migrations match the entities.");
    if (!write)
      throw new Error(
        "The migrations match the entities, but .snapshot.json does not, and the next migration would be wrong: npx graphward migration check --write",
      );
    const { rewriteSnapshot } = await import("../../database/migrating/create-migration.ts");
    await rewriteSnapshot(tables);
    print(".snapshot.json was written. Commit it.");
  });
