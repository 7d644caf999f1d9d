// `graphward dev` serves an application from its sources, and restarts on every change.
import { Command } from "commander";

export const devCommand = new Command("dev")
  .description("serve the application of this directory from its sources, and restart on every change")
  .option("--once", "do not restart")
  .action(async ({ once }: { readonly once?: true }) => {
    const { loadSources, requireSources } = await import("./application.ts");
    const root = requireSources();
    if (once) return (await import("../main.ts")).main(await loadSources(root));
    const { watchSources } = await import("./watch.ts");
    await watchSources();
  });
