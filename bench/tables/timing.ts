// Whether the response time of a refused login reveals the reason (a timing attack on usernames).
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { connect } from "../servers/database.ts";
import { createAccount, startGraphward } from "../servers/graphward.ts";
import { loginMutation } from "../servers/login.ts";
import type { Server } from "../servers/server.ts";
import { type NamedTable, tell } from "../setting.ts";
import { chanceToBeSlower, median, percentile } from "../statistics.ts";
import { millisecondsCell } from "../table.ts";
import { targetCells, targetColumns } from "../target.ts";

const samplesOfARound = 60;

/** As many as fit into a header: code that parses them only for an existing user would show in the timing. */
const cookies = Array.from({ length: 1500 }, (_, index) => `c${index}=1`).join("; ");

/** What an attacker wants to distinguish. The first is the baseline. */
const reasons = ["wrong password", "unknown user", "deactivated user", "user without password"] as const;
type Reason = (typeof reasons)[number];

export const timingTable: NamedTable = {
  name: "timing",
  description: "refused logins, whether their time tells why they were refused",
  async measure({ cleanup, cores, options: { rounds } }) {
    const server = await startGraphward(cleanup, cores.server);
    const { username } = createAccount(server);
    await addAccounts(await connect(cleanup, server), username);
    tell("warming up");
    for (let count = 1; count <= 20; count++) await refuse(server, "wrong password", username);
    const times = new Map<Reason, number[]>(reasons.map((reason) => [reason, []]));
    for (let round = 1; round <= rounds; round++) {
      tell(`round ${round} of ${rounds}`);
      // Interleaved, in a new order each time, so that other load on the machine affects all alike.
      for (let sample = 1; sample <= samplesOfARound; sample++)
        for (const reason of [...reasons].sort(() => Math.random() - 0.5))
          times.get(reason)?.push(await refuse(server, reason, username));
    }
    const of = (reason: Reason) => times.get(reason) ?? [];
    const base = of("wrong password");
    return {
      heading: `refused logins with ${cookies.split(";").length} cookies, ${rounds * samplesOfARound} of each, interleaved; 0.50 is the chance of two that cannot be told apart`,
      columns: ["", "median", "10th to 90th percentile", "chance to be slower", ...targetColumns],
      rows: reasons.map((reason) => {
        const values = of(reason);
        const chance = reason === "wrong password" ? null : chanceToBeSlower(values, base);
        return [
          reason,
          `${millisecondsCell(median(values))} ms`,
          `${millisecondsCell(percentile(values, 0.1))} to ${millisecondsCell(percentile(values, 0.9))} ms`,
          chance === null ? "" : chance.toFixed(2),
          ...targetCells(
            chance === null ? null : { kind: "at most", value: 0.06, unit: "from 0.50" },
            chance === null ? null : Math.abs(chance - 0.5),
          ),
        ];
      }),
    };
  },
};

/** Copies of the user that the command created, with all its data. */
const addAccounts = async (database: pg.Pool, username: string): Promise<void> => {
  for (const [name, hash, isActive] of [
    ["deactivated", "password_hash", false],
    ["passwordless", "null", true],
  ] as const)
    await database.query(
      `insert into users (id, username, canonical_username, password_hash, is_active)
       select gen_random_uuid(), $1, $1, ${hash}, $2 from users where username = $3`,
      [name, isActive, username],
    );
};

const refuse = async ({ url }: Pick<Server, "url">, reason: Reason, username: string): Promise<number> => {
  const names: Record<Reason, string> = {
    "wrong password": username,
    // A different name each time, as in an attacker's list.
    "unknown user": `u${randomBytes(5).toString("hex")}`,
    "deactivated user": "deactivated",
    "user without password": "passwordless",
  };
  const variables = { username: names[reason], password: "the wrong password for anybody" };
  const start = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: cookies },
    body: JSON.stringify({ query: loginMutation, variables }),
  });
  const text = await response.text();
  const took = performance.now() - start;
  if (!text.includes("INVALID_CREDENTIALS")) throw new Error(`${url} answers ${response.status}: ${text}`);
  return took;
};
