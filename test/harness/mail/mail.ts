// Mail in tests: a mail server that receives it, the outbox, and the queue.
import { sql } from "kysely";
import { LRUCache } from "lru-cache";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { enqueueMail, type OutgoingMail } from "../../../src/auth/outgoing-mail.ts";
import {
  deriveOneTimeKeys,
  issueOneTimeToken,
  type Purpose,
} from "../../../src/auth/secrets/one-time-tokens.ts";
import type { Database } from "../../../src/database/tables.ts";
import { noteMail } from "../logs/canaries.ts";
import type { App } from "../server.ts";
import { readMessages } from "./outbox.ts";

export interface MailServer {
  readonly url: string;
  readonly port: number;
  /** Parsed, in order of arrival. */
  readonly received: readonly ParsedMail[];
  /** Unparsed, in order of arrival. */
  readonly raw: readonly string[];
  /** Decides on the next messages: returns an SMTP response such as `450 4.2.0 later`, or null to accept. */
  refuse: (raw: string) => string | null | Promise<string | null>;
  close(): Promise<void>;
}

export const startMailServer = async (
  options: SMTPServerOptions & { port?: number } = {},
): Promise<MailServer> => {
  const received: ParsedMail[] = [];
  const raw: string[] = [];
  const mail: Pick<MailServer, "refuse"> = { refuse: () => null };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    ...options,
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const text = Buffer.concat(chunks).toString("utf8");
        noteMail(text);
        const refusal = await mail.refuse(text);
        if (refusal !== null) {
          const [, code = "550", message = ""] = /^(\d{3}) (.*)$/s.exec(refusal) ?? [];
          return callback(Object.assign(new Error(message), { responseCode: Number(code) }));
        }
        raw.push(text);
        received.push(await parse(text));
        callback();
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return Object.assign(mail, {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received,
    raw,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
};

export { until } from "../../../src/testing/until.ts";

export const readOutbox = async (dataDir: string): Promise<ParsedMail[]> =>
  Promise.all((await readMessages(dataDir)).map(parse));

const parsed = new LRUCache<string, Promise<ParsedMail>>({ max: 1_000 });

/** Once: a test asks for the whole outbox until its message is there. */
const parse = (text: string): Promise<ParsedMail> => {
  const known = parsed.get(text) ?? simpleParser(text, { skipTextToHtml: true });
  parsed.set(text, known);
  return known;
};

/** In one transaction, as the rules do. */
export const send = (app: Pick<App, "database">, mail: OutgoingMail): Promise<void> =>
  app.database.transaction().execute((transaction) => enqueueMail(transaction, mail));

export type LinkTemplate = Extract<OutgoingMail, { oneTimeTokenId: string }>["template"];

/** Returns the id of the one-time token. */
export const sendLink = (
  app: Pick<App, "database" | "config">,
  {
    template,
    purpose,
    userId,
    sentTo,
  }: { template: LinkTemplate; purpose: Purpose; userId: string; sentTo: string },
): Promise<string> =>
  app.database.transaction().execute(async (transaction) => {
    const keys = deriveOneTimeKeys(app.config.sessionSecrets);
    const oneTimeTokenId = await issueOneTimeToken(transaction, keys, { purpose, userId, sentTo });
    await enqueueMail(transaction, { template, userId, oneTimeTokenId });
    return oneTimeTokenId;
  });

export interface QueuedJob {
  readonly id: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly run_at: Date;
  readonly locked_by: string | null;
  /** Seconds until the next attempt. */
  readonly due: number;
}

export const jobsOf = async (database: Database): Promise<readonly QueuedJob[]> => {
  const { rows } = await sql<QueuedJob>`select id::text, attempts, last_error, run_at, locked_by,
    extract(epoch from run_at - now())::float as due from graphward_jobs._private_jobs order by id`.execute(
    database,
  );
  return rows;
};

/** Makes waiting jobs due now and notifies the workers, so that a test need not sleep. */
export const bringForward = async (database: Database): Promise<void> => {
  await sql`update graphward_jobs._private_jobs set run_at = now() where locked_at is null`.execute(database);
  await sql`select pg_notify('jobs:insert', '{"count":4}')`.execute(database);
};
