// `graphward dev` serves an application from its sources, and restarts on every change.
import { Command } from "commander";

export const devCommand = new Command("dev")
  .description("serve the application of this directory from its sources, and restart on every change")
  .option("--once", "do not restart")
  .action(async ({ once }: { readonly once?: true }) => {
    const { loadSources, requireSources } = await import("./load.ts");
    const root = requireSources();
    if (once) {
      const application = await loadSources(root);
      const { isSnapshotBehind } = await import("../../database/migrating/create-migration.ts");
      // Otherwise the first statement that needs the column fails, and the log names no remedy.
      if (await isSnapshotBehind(application.tables))
        process.stderr.write(
          "graphward: an entity has changed without a migration: npx graphward migration create <name>\n",
        );
      return (await import("../../main.ts")).main(async () => application);
    }
    const { watchSources } = await import("./watch.ts");
    await watchSources();
  });
