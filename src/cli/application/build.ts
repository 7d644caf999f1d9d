// `graphward build` compiles an application.
import { Command } from "commander";
import { print } from "../command/terminal.ts";

export const buildCommand = new Command("build")
  .description("compile the application of this directory into dist, which graphward start runs")
  .action(async () => {
    const { requireSources } = await import("./load.ts");
    const { buildApplication } = await import("./compile.ts");
    await buildApplication(requireSources());
    print("Built: npm start serves it.");
  });
