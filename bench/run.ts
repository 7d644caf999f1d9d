// `npm run bench`: measures servers side by side with their baselines, table by table.
import { withCleanup } from "./cleanup.ts";
import { chooseCores } from "./cores.ts";
import { describeMachine } from "./machine.ts";
import { type CommandLine, readCommandLine } from "./options.ts";
import { requireBuild } from "./servers/graphward.ts";
import { type NamedTable, tell } from "./setting.ts";
import { formatTable } from "./table.ts";
import { tables } from "./tables/all.ts";

const main = async (): Promise<void> => {
  const commandLine = readCommandLine();
  if (commandLine.help) return print(help());
  const chosen = choose(commandLine);
  requireBuild();
  const cores = chooseCores();
  for (const { name, measure } of chosen) {
    tell(`${name}:`);
    const table = await withCleanup((cleanup) => measure({ cleanup, cores, options: commandLine }));
    print(`\n${name}: ${formatTable(table)}\n`);
  }
  print(describeMachine(cores, commandLine));
};

const choose = ({ names, full }: CommandLine): readonly NamedTable[] => {
  if (names.length === 0) return tables.filter(({ isLong }) => full || !isLong);
  return names.map((name) => {
    const table = tables.find((it) => it.name === name);
    if (table) return table;
    throw new Error(`There is no table ${JSON.stringify(name)}: ${tables.map((it) => it.name).join(", ")}.`);
  });
};

const help = (): string =>
  [
    "npm run bench -- [table...] [--seconds 2] [--rounds 5] [--rows 10000000] [--full]",
    "",
    ...tables.map(
      ({ name, description, isLong }) =>
        `  ${name.padEnd(12)}${description}${isLong ? " (with --full, or by name)" : ""}`,
    ),
    "",
    "  --seconds   of one measurement",
    "  --rounds    in which everything is measured in turn",
    "  --rows      of the table `partitions`",
    "  --full      also what takes many minutes",
  ].join("\n");

const print = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
