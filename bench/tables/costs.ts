// What one request of each kind costs: CPU, transactions, and what PostgreSQL writes ahead. docs/scaling.md multiplies it.
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { seconds } from "../../src/time.ts";
import { type Ask, openConnection } from "../loads/connection.ts";
import { readCpuTime } from "../servers/cpu-time.ts";
import { connect } from "../servers/database.ts";
import { createAccount, type Graphward, startGraphward } from "../servers/graphward.ts";
import type { NamedTable } from "../setting.ts";
import { countCell, millisecondsCell } from "../table.ts";

/** Below the number at which a login ends the oldest session too. */
const logins = 45;
const requests = 1000;

export const costsTable: NamedTable = {
  name: "costs",
  description: "what a request, a login, a registration and its mail cost: CPU, transactions, WAL",
  async measure({ cleanup, cores }) {
    const server = await startGraphward(cleanup, cores.server, {
      environment: { RATE_LIMITS: withoutLimits },
    });
    const database = await connect(cleanup, server);
    const ask = openConnection(server.url);
    const { username, password } = createAccount(server);
    const tokens: string[] = [];
    const operations: readonly Operation[] = [
      ["public", requests, (ask) => ask("{ public { message } }", "")],
      [
        "login",
        logins,
        async (ask) => {
          const answer = await ask(loginOf(username, password), "");
          tokens.push(`Bearer ${/gws_\w+/.exec(answer.text)?.[0]}`);
          return answer;
        },
      ],
      ["private, the first of a session", logins, (ask, index) => ask(question, tokens[index] ?? "")],
      ["private, again", requests, (ask) => ask(question, tokens.at(-1) ?? "")],
      ["private, with a list of one's sessions", requests, (ask) => ask(list, tokens.at(-1) ?? "")],
      ["logout", logins, (ask, index) => ask("mutation { logout { message } }", tokens[index] ?? "")],
      ["registration, with its mail", logins, (ask) => ask(registration(), ""), true],
    ];
    const rows: (readonly string[])[] = [];
    for (const operation of operations) rows.push(await rowOf(operation, { server, database, ask }));
    return {
      heading: "one request after the other, by one client",
      columns: ["", "CPU of the server", "CPU of PostgreSQL", "transactions", "WAL"],
      rows,
    };
  },
};

const withoutLimits = ["login.account", "login.ip", "register.ip", "mail.account"]
  .map((name) => `${name}=1000000/1s`)
  .join(",");

type Operation = readonly [
  name: string,
  times: number,
  run: (ask: Ask, index: number) => Promise<{ readonly status: number; readonly text: string }>,
  /** Whether jobs follow it. */
  hasMail?: boolean,
];

const question = "{ private { message } }";
const list = "{ sessions { id createdAt current } }";
const loginOf = (username: string, password: string) =>
  `mutation { login(username: "${username}", password: "${password}", mode: TOKEN) { token } }`;
const registration = () => {
  const name = `u${randomBytes(8).toString("hex")}`;
  return `mutation { register(input: { username: "${name}", email: "${name}@example.org", password: "${randomBytes(12).toString("hex")}" }) { message } }`;
};

const rowOf = async (
  [name, times, run, hasMail = false]: Operation,
  { server, database, ask }: { readonly server: Graphward; readonly database: pg.Pool; readonly ask: Ask },
): Promise<readonly string[]> => {
  const before = await readState(server, database);
  for (let index = 0; index < times; index++) {
    const { status, text } = await run(ask, index);
    if (status !== 200 || text.includes('"errors"')) throw new Error(`${name} is answered with ${text}`);
  }
  if (hasMail) await untilMailed(database);
  // PostgreSQL adds up the transactions of a connection when that has been idle for a second.
  await delay(seconds(2));
  const after = await readState(server, database);
  const each = (key: keyof State) => (after[key] - before[key]) / times;
  return [
    name,
    `${millisecondsCell(each("cpu"))} ms`,
    `${millisecondsCell(each("databaseCpu"))} ms`,
    each("transactions").toFixed(1),
    `${countCell(each("wal"))} bytes`,
  ];
};

interface State {
  readonly cpu: number;
  readonly databaseCpu: number;
  readonly transactions: number;
  readonly wal: number;
}

const readState = async ({ processId }: Graphward, database: pg.Pool): Promise<State> => {
  const { own, children } = await readCpuTime(processId);
  const { rows } = await database.query<{ transactions: number; wal: number }>(
    `select xact_commit::float8 as transactions, (pg_current_wal_insert_lsn() - '0/0')::float8 as wal
     from pg_stat_database where datname = current_database()`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("PostgreSQL counts nothing.");
  return { cpu: own ?? 0, databaseCpu: children ?? 0, ...row };
};

const untilMailed = async (database: pg.Pool): Promise<void> => {
  for (;;) {
    const { rows } = await database.query("select from graphward_jobs.jobs limit 1");
    if (rows.length === 0) return;
    await delay(seconds(0.2));
  }
};
