// Whether a second server on the same database, or a second worker, makes each request slower.
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { startLoad } from "../loads/load.ts";
import { measureInRounds } from "../rounds.ts";
import { logInFirst, startGraphward } from "../servers/graphward.ts";
import { startPeer } from "../servers/peer.ts";
import type { NamedTable } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { microsecondsCell } from "../table.ts";

export const serversTable: NamedTable = {
  name: "servers",
  description: "two servers on one database, and two workers, beside one server alone",
  async measure({ cleanup, cores, options }) {
    const alone = await startGraphward(cleanup, cores.server);
    const aloneHeaders = [{ authorization: (await logInFirst(alone)).token }];
    const one = await startGraphward(cleanup, cores.server);
    const headers = [{ authorization: (await logInFirst(one)).token }];
    const other = await startGraphward(cleanup, cores.server, { directory: one.directory });
    const workers = await startGraphward(cleanup, cores.server, { environment: { WORKERS: "2" } });
    const headersOfWorkers = [{ authorization: (await logInFirst(workers)).token }];
    const bare = await startPeer(cleanup, cores.server, "bare-apollo");
    const otherBare = await startPeer(cleanup, cores.server, "bare-apollo");
    const field = "private";
    const cases = [
      { name: "one server", servers: [alone], headers: aloneHeaders, field },
      { name: "two servers in turn", servers: [one, other], headers, field },
      { name: "one server of two workers", servers: [workers], headers: headersOfWorkers, field },
      // These share only the core: this is the machine's cost of two processes, whatever they do.
      { name: "bare Apollo, one", servers: [bare], headers: [{}], field },
      { name: "bare Apollo, two in turn", servers: [bare, otherBare], headers: [{}], field },
    ] as const;
    const rounds = await measureInRounds(cases, startLoad(cleanup, cores.load), options);
    // Includes the database, which both share.
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
        ratioRow(cases[2].name, measured(2), ratioOf(cpuOf(2), cpuOf(0)), { kind: "at most", value: 1.1 }),
        plainRow(cases[3].name, measured(3)),
        ratioRow(cases[4].name, measured(4), ratioOf(cpuOf(4), cpuOf(3)), null),
      ],
    };
  },
};
