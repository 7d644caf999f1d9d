// What metrics cost: the same queries with METRICS_PORT and without, in turn.
import { type Cleanup, withCleanup } from "../cleanup.ts";
import { logInFirst, startGraphward } from "../graphward.ts";
import { type Load, startLoad } from "../load.ts";
import type { Options } from "../options.ts";
import { type Case, measureInRounds } from "../rounds.ts";
import { type NamedTable, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { microsecondsCell, ratioCells, ratioColumns } from "../table.ts";
import { type Target, targetCells, targetColumns } from "../target.ts";

export const metricsTable: NamedTable = {
  name: "metrics",
  description: "a private and a public field with metrics, beside the same without",
  async measure({ cleanup, cores, options }) {
    const load = startLoad(cleanup, cores.load);
    const pairs: (readonly Cpu[])[] = [];
    for (let pair = 1; pair <= options.rounds; pair += 1) {
      tell(`pair ${pair} of ${options.rounds}`);
      pairs.push(await withCleanup((own) => measurePair(own, { core: cores.server, load, options })));
    }
    const rows = names.map((name, index) => {
      const cpu = (at: number) => pairs.map((values) => values[at] ?? null);
      const cell = microsecondsCell(median(cpu(index)));
      if (index % 2 === 0) return [name, cell];
      const ratio = ratioOf(cpu(index), cpu(index - 1));
      return [name, cell, ...ratioCells(ratio), ...targetCells(target, ratio?.median)];
    });
    return {
      heading: "16 connections, as ratios to the same without metrics, in each round a new pair of servers",
      columns: ["", "CPU us/request", ...ratioColumns("of off"), ...targetColumns],
      rows,
    };
  },
};

const names = ["private, off", "private, with metrics", "public, off", "public, with metrics"];

type Cpu = number | null;

interface Setting {
  readonly core: number | null;
  readonly load: Load;
  readonly options: Options;
}

/** V8 compiles the same program otherwise in each process, which is worth more than what is measured: one pair proves nothing. */
const measurePair = async (cleanup: Cleanup, { core, load, options }: Setting): Promise<readonly Cpu[]> => {
  const [off, on] = [await start(cleanup, core, {}), await start(cleanup, core, { METRICS_PORT: "0" })];
  // Beside each other, so that both see the same moments of the machine.
  const cases = [off[0], on[0], off[1], on[1]];
  const rounds = await measureInRounds(cases, load, { ...options, rounds: 2 });
  return cases.map((_, index) => median(rounds.map((round) => round[index]?.cpu ?? null)));
};

const target: Target = { kind: "at most", value: 1.03 };

const start = async (
  cleanup: Cleanup,
  core: number | null,
  environment: Readonly<Record<string, string>>,
): Promise<readonly [Case, Case]> => {
  const server = await startGraphward(cleanup, core, { environment });
  const { token } = await logInFirst(server);
  return [
    { name: "private", servers: [server], headers: [{ authorization: token }], field: "private" },
    { name: "public", servers: [server], headers: [{}], field: "public" },
  ];
};
