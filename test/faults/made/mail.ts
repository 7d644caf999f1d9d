// Faults of the mail server, after which every acknowledged registration has its mail.
import { existsSync } from "node:fs";
import { setTimeout as pass } from "node:timers/promises";
import { readOutbox } from "../../../src/testing/outbox.ts";
import { seconds } from "../../../src/time.ts";
import { type MailServer, startMailServer } from "../../harness/mail/mail.ts";
import type { Fault } from "../fault.ts";
import type { Ledger } from "../ledger.ts";
import type { Stage } from "../stage.ts";

export const mailFaults = (): readonly Fault[] => [
  {
    ...withMailServer("name of the mail server gone"),
    async begin(stage) {
      const { SMTP_URL } = stage.settings;
      stage.settings = { ...stage.settings, SMTP_URL: "smtp://nowhere.invalid:2525?requireTLS=false" };
      await restart(stage);
      stage.settings = { ...stage.settings, SMTP_URL };
    },
    lasts: seconds(2),
    end: restart,
    endsProcess: true,
    rounds: 4,
  },
  {
    ...withMailServer("mail server down, 3 s"),
    begin: () => server().close(),
    lasts: seconds(3),
    async end() {
      const before = server();
      current = Object.assign(await startMailServer({ port: before.port }), {});
      earlier.push(before);
    },
    rounds: 4,
  },
  {
    ...withMailServer("mail server slow: 5 s for a mail, 6 s"),
    begin: () => {
      server().refuse = () => pass(seconds(5), null);
    },
    lasts: seconds(6),
    end: () => {
      server().refuse = () => null;
    },
    rounds: 4,
  },
  {
    ...withMailServer("mail server refuses one recipient, 3 s"),
    begin: () => {
      let refused: string | undefined;
      server().refuse = (raw) => {
        const to = /^To: (.*)$/m.exec(raw)?.[1]?.trim();
        refused ??= to;
        return to === refused ? "450 4.2.1 try again later" : null;
      };
    },
    lasts: seconds(3),
    end: () => {
      server().refuse = () => null;
    },
  },
];

let current: MailServer | null = null;
let earlier: MailServer[] = [];

const server = (): MailServer => {
  if (current === null) throw new Error("The mail server was not started.");
  return current;
};

function withMailServer(name: string): Pick<Fault, "name" | "prepare" | "findLost"> {
  return {
    name,
    prepare: prepareMail,
    findLost: (stage, ledger) => findMissingMail(stage, ledger, readMails),
  };
}

/** The faults of mail share one server: for several, call it once. */
export async function prepareMail(stage: Stage): Promise<() => Promise<void>> {
  current = await startMailServer();
  earlier = [];
  stage.settings = { SMTP_URL: `${current.url}?requireTLS=false` };
  return () => server().close();
}

export const readMails = async (): Promise<readonly string[]> =>
  [...earlier, server()].flatMap(({ raw }) => raw);

const restart = async (stage: Stage) => {
  stage.program.send("SIGTERM");
  await stage.program.ended;
  await stage.start();
};

export const readOutboxOf = (dataDir: string): Promise<readonly string[]> =>
  existsSync(dataDir) ? readOutbox(dataDir) : Promise.resolve([]);

/** What waits for a later attempt is tried at once, so that nobody waits for it. */
export const findMissingMail = async (
  { postgres }: Stage,
  { acknowledgedUsers }: Ledger,
  read: () => Promise<readonly string[]>,
  patience = seconds(20),
): Promise<readonly string[]> => {
  const client = await postgres.connect();
  const start = performance.now();
  try {
    for (;;) {
      const mailed = new Set((await read()).map((mail) => /^To: .*?([^\s<]+@[^\s>]+)/m.exec(mail)?.[1]));
      const missing = [...acknowledgedUsers].filter((username) => !mailed.has(`${username}@example.org`));
      if (missing.length === 0) return [];
      if (performance.now() - start > patience) return missing.map((username) => `the mail to ${username}`);
      await client.query(
        "update graphward_jobs._private_jobs set run_at = now() where locked_at is null and run_at > now()",
      );
      await client.query(`select pg_notify('jobs:insert', '{"count":4}')`);
      await pass(300);
    }
  } finally {
    await client.end();
  }
};
