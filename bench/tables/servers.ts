// Whether a second server on the same database makes each request dearer.
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { logInFirst, startGraphward } from "../graphward.ts";
import { startLoad } from "../load.ts";
import { measureInRounds } from "../rounds.ts";
import type { NamedTable } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { microsecondsCell } from "../table.ts";

export const serversTable: NamedTable = {
  name: "servers",
  description: "two servers on one database, beside one alone",
  async measure({ cleanup, cores, options }) {
    const alone = await startGraphward(cleanup, cores.server);
    const aloneHeaders = [{ authorization: (await logInFirst(alone)).token }];
    const one = await startGraphward(cleanup, cores.server);
    const headers = [{ authorization: (await logInFirst(one)).token }];
    const other = await startGraphward(cleanup, cores.server, { directory: one.directory });
    const cases = [
      { name: "one server", servers: [alone], headers: aloneHeaders, field: "private" },
      { name: "two servers in turn", servers: [one, other], headers, field: "private" },
    ] as const;
    const rounds = await measureInRounds(cases, startLoad(cleanup, cores.load), options);
    // With the database, which both share.
    const cpuOf = (index: number) =>
      rounds.map((round) => {
        const { cpu = null, databaseCpu = null } = round[index] ?? {};
        return cpu === null || databaseCpu === null ? cpu : cpu + databaseCpu;
      });
    const measured = (index: number) => `${microsecondsCell(median(cpuOf(index)))} us CPU a request`;
    return {
      heading:
        "{ private } by 16 connections, all servers on one core; CPU of all servers and their database",
      columns: comparisonColumns,
      rows: [
        plainRow(cases[0].name, measured(0)),
        ratioRow(cases[1].name, measured(1), ratioOf(cpuOf(1), cpuOf(0)), { kind: "at most", value: 1.1 }),
      ],
    };
  },
};
