// `graphward doctor` names what is wrong with an installation or an application, each with its remedy.
import { Command } from "commander";
import { print } from "../command/terminal.ts";

export const doctorCommand = new Command("doctor")
  .description(
    "find mistakes of the installation, the application and its generated files; exit status 1 with one",
  )
  .action(async () => {
    const { examine } = await import("./examination.ts");
    let problems = 0;
    for await (const { what, problem } of examine(process.cwd())) {
      print(problem === null ? `ok       ${what}` : `problem  ${what}: ${problem}`);
      if (problem !== null) problems += 1;
    }
    if (problems > 0) process.exitCode = 1;
  });
