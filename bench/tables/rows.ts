// Whether a large table makes requests slower, and how the cost of listing and pruning grows with it.
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { measureGrowth } from "../growth.ts";
import { startLoad } from "../loads/load.ts";
import { type Case, measureInRounds } from "../rounds.ts";
import { fillSessions } from "../rows/session.ts";
import { connect } from "../servers/database.ts";
import { type Graphward, startGraphward } from "../servers/graphward.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { countCell, microsecondsCell, millisecondsCell } from "../table.ts";

const few = 1_000;
const many = 1_000_000;
/** Far more than one connection or one page of the database could make cheap. */
const tokensAtMost = 10_000;

export const rowsTable: NamedTable = {
  name: "rows",
  description: "requests, listing and pruning with 1,000,000 sessions, beside 1,000",
  isLong: true,
  async measure(setting) {
    const small = await prepare(setting, few);
    const large = await prepare(setting, many);
    return {
      heading: `{ private } with ${countCell(many)} sessions beside ${countCell(few)}, CPU with the database; times to list one's own five sessions and to prune the expired half`,
      columns: comparisonColumns,
      rows: [...(await requestRows(setting, small, large)), ...(await growthRows(setting, large))],
    };
  },
};

interface Prepared {
  readonly server: Graphward;
  /** Without the viewer cache: each request queries the database. */
  readonly forgetful: Graphward;
  readonly tokens: readonly string[];
}

const prepare = async ({ cleanup, cores }: Setting, count: number): Promise<Prepared> => {
  const server = await startGraphward(cleanup, cores.server);
  const forgetful = await startGraphward(cleanup, cores.server, {
    directory: server.directory,
    environment: { VIEWER_CACHE: "off" },
  });
  tell(`making ${countCell(count)} sessions`);
  const tokens = Math.min(count, tokensAtMost);
  return {
    server,
    forgetful,
    tokens: await fillSessions(await connect(cleanup, server), { count, tokens }),
  };
};

const ways = ["one token", "many tokens", "many tokens, VIEWER_CACHE=off"] as const;

const requestRows = async ({ cleanup, cores, options }: Setting, small: Prepared, large: Prepared) => {
  const cases = ways.flatMap((name) => [caseOf(small, name), caseOf(large, name)]);
  const rounds = await measureInRounds(cases, startLoad(cleanup, cores.load), options);
  const cpuOf = (index: number) =>
    rounds.map((round) => {
      const { cpu = null, databaseCpu = null } = round[index] ?? {};
      return cpu === null || databaseCpu === null ? cpu : cpu + databaseCpu;
    });
  const databaseCpuOf = (index: number) => rounds.map((round) => round[index]?.databaseCpu ?? null);
  const measured = (index: number) =>
    `${microsecondsCell(median(cpuOf(index)))} us CPU (${microsecondsCell(median(databaseCpuOf(index)))} the database)`;
  return ways.flatMap((way, index) => [
    plainRow(`${way}, ${countCell(few)} sessions`, measured(2 * index)),
    ratioRow(
      `${way}, ${countCell(many)} sessions`,
      measured(2 * index + 1),
      ratioOf(cpuOf(2 * index + 1), cpuOf(2 * index)),
      { kind: "at most", value: 1.05 },
    ),
  ]);
};

const caseOf = ({ server, forgetful, tokens }: Prepared, name: (typeof ways)[number]): Case => {
  const used = {
    "one token": tokens.slice(0, 1),
    // As many on both sides: the number of cached viewers is not under measurement.
    "many tokens": tokens.slice(0, few),
    "many tokens, VIEWER_CACHE=off": tokens,
  }[name];
  return {
    name,
    servers: [name === "many tokens, VIEWER_CACHE=off" ? forgetful : server],
    // The database of both is a child of the first.
    counted: [server, forgetful],
    headers: used.map((authorization) => ({ authorization })),
    field: "private",
  };
};

const growthRows = async ({ cleanup }: Setting, { server }: Prepared) => {
  const growths = await measureGrowth(server, await connect(cleanup, server), [few, 10_000, 100_000, many]);
  const [first] = growths;
  const rows = (what: "listing" | "pruning") =>
    growths.map((growth, index) => {
      const name = `${what}, ${countCell(growth.rows)} rows`;
      const measured = `${millisecondsCell(growth[what])} ms`;
      const before = what === "listing" ? first : growths[index - 1];
      if (before === undefined || before === growth) return plainRow(name, measured);
      const ratio = ratioOf([growth[what]], [before[what]]);
      return ratioRow(name, measured, ratio, what === "listing" ? flat : linearithmic(before.rows));
    });
  return [...rows("listing"), ...rows("pruning")];
};

/** Relative to the first size. Allows for noise, and for one more level of an index. */
const flat = { kind: "at most", value: 1.5 } as const;

/** Relative to the previous size, a tenth of this one. */
const linearithmic = (rows: number) => ({
  kind: "at most" as const,
  value: Number(((10 * Math.log(10 * rows)) / Math.log(rows)).toFixed(1)),
});
