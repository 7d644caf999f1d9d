// docs/reference/commands.md: every command, from its own --help.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { page } from "./page.ts";

const run = promisify(execFile);

export async function commandsPage(program: string): Promise<string> {
  const help = async (path: readonly string[]) => {
    const environment = { ...process.env, NO_COLOR: "1" };
    const { stdout } = await run(process.execPath, [program, ...path, "--help"], { env: environment });
    return stdout.trimEnd();
  };
  /** Depth first, in the order of the help. */
  const describe = async (path: readonly string[]): Promise<string[]> => {
    const text = await help(path);
    const names = subcommandsIn(text);
    const own = `## graphward${path.map((name) => ` ${name}`).join("")}\n\n\`\`\`text\n${text}\n\`\`\``;
    // One group at a time: each command is a process.
    if (path.length > 0)
      return [own, ...(await Promise.all(names.map((name) => describe([...path, name])))).flat()];
    const groups: string[] = [];
    for (const name of names) groups.push(...(await describe([name])));
    return [own, ...groups];
  };
  return page("Commands", "`graphward --help`", await describe([]));
}

/** The names in the list of commands, without commander's own `help`. */
function subcommandsIn(help: string): string[] {
  const [, list = ""] = /\nCommands:\n([\s\S]*)$/.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].flatMap(([, name = ""]) => (name === "help" ? [] : [name]));
}
