// kill -9 in the middle of every mutation: what was acknowledged is there, and nothing is half done.
import { setTimeout as pass } from "node:timers/promises";
import { sql } from "kysely";
import { deriveMailedCodeKeys } from "../../src/auth/challenges/code-secrets.ts";
import { hashPassword } from "../../src/auth/passwords/hash.ts";
import { deriveOneTimeKeys } from "../../src/auth/secrets/one-time-tokens.ts";
import { createSealer, factorSealing } from "../../src/auth/secrets/sealed.ts";
import { readConfig } from "../../src/config/config.ts";
import { openDatabase } from "../../src/database/open.ts";
import { findFreePort } from "../../src/testing/ports.ts";
import { withoutLimits } from "../../src/testing/settings.ts";
import { until } from "../../src/testing/until.ts";
import { Client } from "../harness/client.ts";
import { addPerson, mutations, password, type Stage } from "../harness/mutations.ts";
import { startProgram, untilReady } from "./program.ts";

/** Milliseconds after an answer: the next ones are being written then. */
const longestDelay = 20;

/** Without a provider it is refused; with one, it writes a row that only the browser's way back uses. */
export const withProviderOnly = ["startLinking"];

export interface Tally {
  acknowledged: number;
  doneInSilence: number;
  notDone: number;
}

export interface Killed {
  /** By mutation. */
  readonly tallies: ReadonlyMap<string, Tally>;
  /** One sentence each. */
  readonly broken: readonly string[];
}

/** On a migrated database. */
export const killMutations = async ({
  databaseUrl,
  dataDir,
  rounds,
}: {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly rounds: number;
}): Promise<Killed> => {
  const hash = await hashPassword(password);
  const cases = mutations(hash);
  const port = await findFreePort();
  const secret = "of the server that is killed in this test";
  const environment = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: String(port),
    SESSION_SECRET: secret,
    RATE_LIMITS: withoutLimits,
    EXPLORER: "off",
    LOGIN_CODES: "on",
    PUBLIC_URL: `http://localhost:${port}`,
    LOG_LEVEL: "error",
  };
  const opened = await openDatabase(readConfig(environment));
  const base = {
    database: opened.database,
    keys: deriveOneTimeKeys([secret]),
    passwordHash: hash,
    sealer: createSealer([secret], factorSealing),
    codeKeys: deriveMailedCodeKeys([secret]),
    origin: `http://localhost:${port}`,
  };
  const stage: Stage = { ...base, administrator: await addPerson(base, { roles: ["ADMIN"] }) };
  /** Whatever the killed server had begun is over, one way or the other. */
  const settled = () =>
    until(async () => {
      const { rows } = await sql<{ others: string }>`
        select count(*) as others from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
          and state <> 'idle' and backend_type = 'client backend'`.execute(opened.database);
      return Number(rows[0]?.others) === 0 || null;
    });

  const tallies = new Map<string, Tally>();
  const broken: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const acts = await Promise.all(
      Object.entries(cases).map(async ([name, prepare]) => ({ name, ...(await prepare(stage)) })),
    );
    const program = await startProgram(environment);
    await untilReady(program, port);
    // By the number of answers: the kill comes before, in and after each of them, on a busy machine too.
    let answersToKill = Math.floor(Math.random() * (acts.length + 1));
    const enough = Promise.withResolvers<void>();
    const count = () => {
      answersToKill -= 1;
      if (answersToKill < 0) enough.resolve();
    };
    count();
    const sent = acts.map(async ({ token, query }) => {
      const client = new Client({ url: `http://127.0.0.1:${port}/graphql` }, { token });
      const answer = await client.run(`mutation { ${query} }`).catch(() => null);
      count();
      return answer === null ? null : answer.codes.length === 0 ? "acknowledged" : answer.text;
    });
    await enough.promise;
    await pass(Math.random() * longestDelay);
    program.send("SIGKILL");
    await program.ended;
    const answers = await Promise.all(sent);
    await settled();

    for (const [index, { name, facts }] of acts.entries()) {
      const answer = answers[index];
      const found = await facts();
      const isDone = found.every(Boolean);
      if (answer !== null && answer !== "acknowledged")
        broken.push(`round ${round}: ${name} answered ${answer}`);
      if (answer === "acknowledged" && !isDone) broken.push(`round ${round}: ${name} is lost: ${found}`);
      if (!isDone && found.some(Boolean)) broken.push(`round ${round}: ${name} is half done: ${found}`);
      const tally = tallies.get(name) ?? { acknowledged: 0, doneInSilence: 0, notDone: 0 };
      if (answer === "acknowledged") tally.acknowledged += 1;
      else if (isDone) tally.doneInSilence += 1;
      else tally.notDone += 1;
      tallies.set(name, tally);
    }
  }
  await opened.close();
  return { tallies, broken };
};
