// What it costs to count the statements of operations for SLOW_OPERATION, and to record spans: the same queries with and without, in turn.
import { join } from "node:path";
import type { Cleanup } from "../cleanup.ts";
import { startLoad } from "../loads/load.ts";
import { type Case, measureInRounds } from "../rounds.ts";
import { logInFirst, startGraphward } from "../servers/graphward.ts";
import type { NamedTable } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { microsecondsCell, ratioCells, ratioColumns } from "../table.ts";
import { type Target, targetCells, targetColumns } from "../target.ts";

interface Variant {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly target: Target | null;
}

const sdk = `--import ${join(import.meta.dirname, "../../deploy/tracing/otel.js")}`;
/** Nobody listens there: what the exporter does besides is not ours. */
const nowhere = { NODE_OPTIONS: sdk, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
const offAltogether = { SLOW_OPERATION: "off" };

const variants: readonly Variant[] = [
  { name: "neither", environment: offAltogether, target: null },
  {
    name: "SLOW_OPERATION=1s",
    environment: { SLOW_OPERATION: "1s" },
    target: { kind: "at most", value: 1.05 },
  },
  {
    name: "an SDK, 1 trace of 100",
    environment: {
      ...offAltogether,
      ...nowhere,
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.01",
    },
    target: null,
  },
  { name: "an SDK, each trace", environment: { ...offAltogether, ...nowhere }, target: null },
];

export const tracingTable: NamedTable = {
  name: "tracing",
  description:
    "a field with a statement and one without, with slow operations and with traces, beside the same without",
  async measure({ cleanup, cores, options }) {
    const started: (readonly Case[])[] = [];
    for (const variant of variants) started.push(await start(cleanup, cores.server, variant));
    // Beside each other, so that both see the same moments of the machine.
    const cases = [0, 1].flatMap((kind) => started.flatMap((ofVariant) => ofVariant[kind] ?? []));
    const rounds = await measureInRounds(cases, startLoad(cleanup, cores.load), options);
    const cpu = (at: number) => rounds.map((round) => round[at]?.cpu ?? null);
    const rows = cases.map(({ name }, index) => {
      const cell = microsecondsCell(median(cpu(index)));
      const at = index % variants.length;
      if (at === 0) return [name, cell];
      const ratio = ratioOf(cpu(index), cpu(index - at));
      return [name, cell, ...ratioCells(ratio), ...targetCells(variants[at]?.target ?? null, ratio?.median)];
    });
    return {
      heading: "16 connections, as ratios to the same with neither",
      columns: ["", "CPU us/request", ...ratioColumns("of neither"), ...targetColumns],
      rows,
    };
  },
};

const start = async (
  cleanup: Cleanup,
  core: number | null,
  { name, environment }: Variant,
): Promise<readonly Case[]> => {
  // Otherwise no request has a statement.
  const server = await startGraphward(cleanup, core, {
    environment: { VIEWER_CACHE: "off", ...environment },
  });
  const { token } = await logInFirst(server);
  return [
    {
      name: `one statement, ${name}`,
      servers: [server],
      headers: [{ authorization: token }],
      field: "private",
    },
    { name: `no statement, ${name}`, servers: [server], headers: [{}], field: "public" },
  ];
};
