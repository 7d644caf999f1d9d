// What a second worker adds on two cores, and what others wait while all cores log in. The load runs on the same cores, and is counted.
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { startLightLoad } from "../loads/light-load.ts";
import { clients, type LoginRound, measureLogins, requestsPerSecond } from "../login-rounds.ts";
import { makeOrder } from "../rounds.ts";
import { readCpuTime } from "../servers/cpu-time.ts";
import { type Graphward, logInFirst, startGraphward } from "../servers/graphward.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { countCell, microsecondsCell, millisecondsCell } from "../table.ts";

const processCounts = [1, 2] as const;
const connections = 32;

export const coresTable: NamedTable = {
  name: "cores",
  description: "one worker and two, on two cores that the load shares; logins on all cores",
  async measure(setting) {
    const shared = { ...setting, cores: { server: null, load: null } };
    const [one = [], two = []] = await measureQueries(shared);
    const logins = await measureLogins(shared, { WORKERS: "2" });
    const loginsOnAll = await measureLogins(shared, { WORKERS: "2", HASHES_AT_ONCE: "2" });
    return {
      heading: `{ private } by ${connections} connections without pause; then ${clients} users logging in without pause, and { private } ${requestsPerSecond} times a second. Nothing is pinned to a core`,
      columns: comparisonColumns,
      rows: [
        plainRow("private, one process", speedCell(one)),
        ratioRow("private, two workers", speedCell(two), ratioOf(of(two, "speed"), of(one, "speed")), null),
        plainRow("one process, a request", costCell(one)),
        ratioRow("two workers, a request", costCell(two), ratioOf(of(two, "cpu"), of(one, "cpu")), {
          kind: "at most",
          // Each further core adds at least 0.9 of the first.
          value: 1.11,
        }),
        ...loginRows("one hash at once", logins, "hashesOneByOne", { speed: 0.85, wait: 4 }),
        // What an operator chooses who prefers logins.
        ...loginRows("two hashes at once", loginsOnAll, "hashes", null),
      ],
    };
  },
};

interface QueryRound {
  /** Requests a second. */
  readonly speed: number;
  /** CPU time of a request, with its database. */
  readonly cpu: number | null;
  readonly serverCores: number | null;
  readonly loadCores: number;
}

/** One list of rounds for each number of processes. */
const measureQueries = async ({ cleanup, options }: Setting): Promise<readonly QueryRound[][]> => {
  const load = startLightLoad(cleanup);
  const cases = [];
  for (const count of processCounts) {
    const server = await startGraphward(cleanup, null, { environment: { WORKERS: String(count) } });
    const headers = [{ authorization: (await logInFirst(server)).token }];
    const name = `private, ${count}`;
    const { requests, expected } = await makeOrder({ name, servers: [server], headers, field: "private" });
    const order = {
      url: server.url,
      request: requests[0] ?? { headers: {}, body: "" },
      expectedBody: expected.body,
      connections,
      ...options,
    };
    cases.push({ server, order, rounds: [] as QueryRound[] });
  }
  tell("warming up");
  for (const { order } of cases) await load.run(order);
  for (let round = 1; round <= options.rounds; round++) {
    tell(`round ${round} of ${options.rounds}`);
    for (const { server, order, rounds } of cases) {
      const before = await cpuOf(server);
      const { answered, duration, cpu: loadCpu } = await load.run(order);
      const after = await cpuOf(server);
      const cpu = before === null || after === null ? null : after - before;
      rounds.push({
        speed: answered / (duration / 1000),
        cpu: cpu === null ? null : cpu / answered,
        serverCores: cpu === null ? null : cpu / duration,
        loadCores: loadCpu / duration,
      });
    }
  }
  return cases.map(({ rounds }) => rounds);
};

const cpuOf = async ({ processId }: Graphward): Promise<number | null> => {
  const { own, children } = await readCpuTime(processId);
  return own === null || children === null ? own : own + children;
};

const of = <Round, Key extends keyof Round>(rounds: readonly Round[], key: Key): readonly Round[Key][] =>
  rounds.map((round) => round[key]);

const coreCell = (values: readonly (number | null)[]): string => (median(values) ?? Number.NaN).toFixed(2);

const speedCell = (rounds: readonly QueryRound[]): string =>
  `${countCell(median(of(rounds, "speed")) ?? 0)} a second, ${coreCell(of(rounds, "serverCores"))} cores, the load ${coreCell(of(rounds, "loadCores"))}`;

const costCell = (rounds: readonly QueryRound[]): string =>
  `${microsecondsCell(median(of(rounds, "cpu")))} us CPU`;

const loginRows = (
  name: string,
  rounds: readonly LoginRound[],
  base: "hashes" | "hashesOneByOne",
  targets: { readonly speed: number; readonly wait: number } | null,
) => {
  const perSecond = (key: keyof LoginRound) => `${countCell(median(of(rounds, key)) ?? 0)} a second`;
  const wait = (key: keyof LoginRound) => `${millisecondsCell(median(of(rounds, key)))} ms p99`;
  return [
    plainRow(`argon2.verify, ${name}`, perSecond(base)),
    ratioRow(
      `logins, ${name}`,
      perSecond("logins"),
      ratioOf(of(rounds, "logins"), of(rounds, base)),
      targets && { kind: "at least", value: targets.speed },
    ),
    plainRow("private, at rest", wait("waitAtRest")),
    ratioRow(
      `private, among logins, ${name}`,
      wait("waitInFlood"),
      ratioOf(of(rounds, "waitInFlood"), of(rounds, "waitAtRest")),
      targets && { kind: "at most", value: targets.wait },
    ),
  ];
};
