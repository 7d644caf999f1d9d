// What metrics cost: the same queries with METRICS_PORT and without, in turn.
import type { Cleanup } from "../cleanup.ts";
import { logInFirst, startGraphward } from "../graphward.ts";
import { startLoad } from "../load.ts";
import { type Case, measureInRounds } from "../rounds.ts";
import type { NamedTable } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { microsecondsCell, ratioCells, ratioColumns } from "../table.ts";
import { type Target, targetCells, targetColumns } from "../target.ts";

export const metricsTable: NamedTable = {
  name: "metrics",
  description: "a private and a public field with metrics, beside the same without",
  async measure({ cleanup, cores, options }) {
    const [off, on] = [await start(cleanup, cores.server, false), await start(cleanup, cores.server, true)];
    // Beside each other, so that both see the same moments of the machine.
    const cases = off.flatMap((it, index) => [it, on[index]].filter((one) => one !== undefined));
    const rounds = await measureInRounds(cases, startLoad(cleanup, cores.load), options);
    const rows = cases.map(({ name }, index) => {
      const cpu = (at: number) => rounds.map((round) => round[at]?.cpu ?? null);
      if (index % 2 === 0) return [name, microsecondsCell(median(cpu(index)))];
      const ratio = ratioOf(cpu(index), cpu(index - 1));
      return [
        name,
        microsecondsCell(median(cpu(index))),
        ...ratioCells(ratio),
        ...targetCells(target, ratio?.median),
      ];
    });
    return {
      heading: "16 connections, as ratios to the same without metrics",
      columns: ["", "CPU us/request", ...ratioColumns("of off"), ...targetColumns],
      rows,
    };
  },
};

const target: Target = { kind: "at most", value: 1.03 };

const start = async (cleanup: Cleanup, core: number | null, isOn: boolean): Promise<readonly Case[]> => {
  const environment: Record<string, string> = isOn ? { METRICS_PORT: "0" } : {};
  const server = await startGraphward(cleanup, core, { environment });
  const { token } = await logInFirst(server);
  const name = `metrics ${isOn ? "on" : "off"}`;
  return [
    { name: `private, ${name}`, servers: [server], headers: [{ authorization: token }], field: "private" },
    { name: `public, ${name}`, servers: [server], headers: [{}], field: "public" },
  ];
};
