// What metrics cost: the same queries with METRICS_PORT and without, in turn, and the calls of one request alone.
import { buildSchema, Kind, parse } from "graphql";
import { createMetrics } from "../../src/metrics/open.ts";
import { milliseconds } from "../../src/time.ts";
import { type Cleanup, withCleanup } from "../cleanup.ts";
import { type Load, startLoad } from "../loads/load.ts";
import type { Options } from "../options.ts";
import { type Case, measureInRounds } from "../rounds.ts";
import { logInFirst, startGraphward } from "../servers/graphward.ts";
import { type NamedTable, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { fineMicrosecondsCell, microsecondsCell, ratioCells, ratioColumns } from "../table.ts";
import { type Target, targetCells, targetColumns } from "../target.ts";

export const metricsTable: NamedTable = {
  name: "metrics",
  description: "a private and a public field with metrics, beside the same without",
  async measure({ cleanup, cores, options }) {
    const load = startLoad(cleanup, cores.load);
    const pairs: (readonly Cpu[])[] = [];
    for (let pair = 1; pair <= options.rounds; pair += 1) {
      tell(`pair ${pair} of ${options.rounds}`);
      const isOnFirst = pair % 2 === 0;
      pairs.push(
        await withCleanup((own) => measurePair(own, { core: cores.server, load, options, isOnFirst })),
      );
    }
    const rows = names.map((name, index) => {
      const cpu = (at: number) => pairs.map((values) => values[at] ?? null);
      const cell = microsecondsCell(median(cpu(index)));
      if (index % 2 === 0) return [name, cell];
      const ratio = ratioOf(cpu(index), cpu(index - 1));
      return [name, cell, ...ratioCells(ratio)];
    });
    const ofCalls = measureCalls();
    const without = median(pairs.map((values) => values[2] ?? null));
    const ratio = ofCalls === null || without === null ? null : 1 + ofCalls / without;
    const cells = [fineMicrosecondsCell(ofCalls), ratio?.toFixed(3) ?? "", ""];
    rows.push(["public, off, and the calls of one request", ...cells, ...targetCells(target, ratio)]);
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
  /** Each of the two is in turn the first. */
  readonly isOnFirst: boolean;
}

/**
 * V8 compiles the same program otherwise in each process. Two processes differ by up to a fifth, which is far more than what is measured
 * here, so that only the calls are held to the target.
 */
const measurePair = async (
  cleanup: Cleanup,
  { core, load, options, isOnFirst }: Setting,
): Promise<readonly Cpu[]> => {
  const first = await start(cleanup, core, isOnFirst);
  const second = await start(cleanup, core, !isOnFirst);
  const [off, on] = isOnFirst ? [second, first] : [first, second];
  // Beside each other, so that both see the same moments of the machine.
  const cases = [off[0], on[0], off[1], on[1]];
  const rounds = await measureInRounds(cases, load, { ...options, rounds: 2 });
  return cases.map((_, index) => median(rounds.map((round) => round[index]?.cpu ?? null)));
};

const target: Target = { kind: "at most", value: 1.03 };

const calls = 1_000_000;

/** What a request with a credential calls, in milliseconds. The median of several loops: V8 compiles during the first. */
const measureCalls = (): number | null => {
  const { meter } = createMetrics(buildSchema("type Query { private: String }"));
  const document = parse("{ private }");
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("The document has no operation.");
  const root = meter.rootOf(document, operation);
  const outcomes = new Set<string>();
  const loops = Array.from({ length: 7 }, () => {
    const start = performance.now();
    for (let call = 0; call < calls; call += 1) {
      const began = performance.now();
      meter.rootOf(document, operation);
      meter.countViewer(true);
      meter.countRequest("/graphql", 200, milliseconds(call % 7), {
        root,
        executed: performance.now() - began,
        outcomes,
      });
    }
    return (performance.now() - start) / calls;
  });
  return median(loops);
};

const start = async (
  cleanup: Cleanup,
  core: number | null,
  isOn: boolean,
): Promise<readonly [Case, Case]> => {
  const environment: Record<string, string> = isOn ? { METRICS_PORT: "0" } : {};
  const server = await startGraphward(cleanup, core, { environment });
  const { token } = await logInFirst(server);
  return [
    { name: "private", servers: [server], headers: [{ authorization: token }], field: "private" },
    { name: "public", servers: [server], headers: [{}], field: "public" },
  ];
};
