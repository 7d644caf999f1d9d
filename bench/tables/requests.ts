// The most common requests, beside the same query without accounts, and with the accounts of other libraries.
import type { Cleanup } from "../cleanup.ts";
import { startLoad } from "../loads/load.ts";
import { type Case, measureInRounds } from "../rounds.ts";
import { logInFirst, startGraphward } from "../servers/graphward.ts";
import { logIn, makeAccount, signUpAtBetterAuth } from "../servers/login.ts";
import { startPeer } from "../servers/peer.ts";
import type { NamedTable } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { countCell, microsecondsCell, ratioCells, ratioColumns } from "../table.ts";
import { type Target, targetCells, targetColumns } from "../target.ts";

export const requestsTable: NamedTable = {
  name: "requests",
  description: "one private field, beside bare Apollo and beside others' accounts",
  async measure({ cleanup, cores, options }) {
    const cases = [
      await limit(cleanup, cores.server),
      await bareApollo(cleanup, cores.server),
      ...(await graphward(cleanup, cores.server)),
      ...(await expressSession(cleanup, cores.server)),
      ...(await betterAuth(cleanup, cores.server)),
    ];
    const rounds = await measureInRounds(cases, startLoad(cleanup, cores.load), options);
    const rows = cases.map(({ name }, index) => {
      const of = (key: "requestsPerSecond" | "cpu" | "databaseCpu", at = index) =>
        rounds.map((round) => round[at]?.[key] ?? null);
      const database = median(of("databaseCpu"));
      const speed = ratioOf(of("requestsPerSecond"), of("requestsPerSecond", bare));
      const cpu = ratioOf(of("cpu"), of("cpu", bare));
      const isOurs = name.startsWith("Graphward");
      return [
        name,
        countCell(median(of("requestsPerSecond")) ?? 0),
        ...ratioCells(speed),
        ...targetCells(isOurs ? speedTarget : null, speed?.median),
        microsecondsCell(median(of("cpu"))),
        ...ratioCells(cpu),
        ...targetCells(isOurs ? cpuTarget : null, cpu?.median),
        database === 0 ? "" : microsecondsCell(database),
      ];
    });
    return {
      heading: "{ private { message } } by 16 connections, as ratios to bare Apollo Server",
      columns: [
        "",
        "req/s",
        ...ratioColumns("of bare"),
        ...targetColumns,
        "CPU us/request",
        ...ratioColumns("of bare"),
        ...targetColumns,
        "database us",
      ],
      rows,
    };
  },
};

const speedTarget: Target = { kind: "at least", value: 2.5 };
const cpuTarget: Target = { kind: "at most", value: 0.4 };

/** The index of the baseline. */
const bare = 1;

type Core = number | null;

const limit = async (cleanup: Cleanup, core: Core): Promise<Case> => ({
  name: "the limit: graphql-js alone",
  servers: [await startPeer(cleanup, core, "limit")],
  headers: [{}],
  field: "private",
});

const bareApollo = async (cleanup: Cleanup, core: Core): Promise<Case> => ({
  name: "bare Apollo",
  servers: [await startPeer(cleanup, core, "bare-apollo")],
  headers: [{}],
  field: "private",
});

const graphward = async (cleanup: Cleanup, core: Core): Promise<readonly Case[]> => {
  const server = await startGraphward(cleanup, core);
  const { token, cookie } = await logInFirst(server);
  return [
    { name: "Graphward, by token", servers: [server], headers: [{ authorization: token }], field: "private" },
    { name: "Graphward, by cookie", servers: [server], headers: [{ cookie }], field: "private" },
    { name: "Graphward, public", servers: [server], headers: [{}], field: "public" },
  ];
};

const expressSession = async (cleanup: Cleanup, core: Core): Promise<readonly Case[]> => {
  const account = makeAccount();
  const environment = { ACCOUNT_USERNAME: account.username, ACCOUNT_PASSWORD: account.password };
  const server = await startPeer(cleanup, core, "apollo-express-session", { environment, hasDatabase: true });
  const { token, cookie } = await logIn(server, account);
  const name = "Apollo + express-session";
  return [
    { name: `${name}, by token`, servers: [server], headers: [{ authorization: token }], field: "private" },
    { name: `${name}, by cookie`, servers: [server], headers: [{ cookie }], field: "private" },
  ];
};

const betterAuth = async (cleanup: Cleanup, core: Core): Promise<readonly Case[]> => {
  const start = async (cookieCache: "on" | "off") => {
    const environment = { COOKIE_CACHE: cookieCache };
    const server = await startPeer(cleanup, core, "yoga-better-auth", { environment, hasDatabase: true });
    return { server, ...(await signUpAtBetterAuth(server, makeAccount())) };
  };
  const [plain, cached] = [await start("off"), await start("on")];
  const name = "Yoga + better-auth";
  const field = "private";
  return [
    { name: `${name}, by token`, servers: [plain.server], headers: [{ authorization: plain.token }], field },
    { name: `${name}, by cookie`, servers: [plain.server], headers: [{ cookie: plain.cookie }], field },
    { name: `${name}, cookie cache`, servers: [cached.server], headers: [{ cookie: cached.cookie }], field },
  ];
};
