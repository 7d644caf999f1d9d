import { createServer } from "node:net";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { deriveOneTimeKeys, findSendableToken } from "../../src/auth/secrets/one-time-tokens.ts";
import {
  bringForward,
  jobsOf,
  type MailServer,
  send,
  sendLink,
  startMailServer,
  until,
} from "../harness/mail/mail.ts";
import { isReady } from "../harness/process.ts";
import { type App, findFreePort, startApp, type User } from "../harness/server.ts";

let mail: MailServer;
const apps: App[] = [];
let user: User;

beforeEach(async () => {
  mail = await startMailServer();
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
  await mail.close();
});

const start = async (environment: NodeJS.ProcessEnv = {}): Promise<App> => {
  const app = await startApp({
    SMTP_URL: mail.url,
    MAIL_FROM: "Example <no-reply@example.com>",
    PUBLIC_URL: "https://api.example.com",
    ...environment,
  });
  apps.push(app);
  user = await app.createUser({ email: `${Math.random().toString(36).slice(2)}@example.org` });
  return app;
};
const sendReset = (app: App) =>
  sendLink(app, {
    template: "reset-password",
    purpose: "reset-password",
    userId: user.id,
    sentTo: "grace@example.org",
  });
const secretOf = async (app: App, id: string) =>
  (await findSendableToken(app.database, deriveOneTimeKeys(app.config.sessionSecrets), id))?.secret ?? "gone";
const settled = (app: App) => until(async () => (await jobsOf(app.database)).length === 0);
const failedTimes = (app: App, attempts: number) =>
  until(async () => {
    const [job] = await jobsOf(app.database);
    return job?.attempts === attempts && job.locked_by === null ? job : null;
  });

const linesOf = (app: App, text: string) => app.log.filter((line) => line.includes(text)).length;

describe("a message", () => {
  test("arrives with both bodies, from whom the settings say, under an id made of its job", async () => {
    const app = await start();
    const id = await sendReset(app);
    await settled(app);
    const [message] = mail.received;
    expect(message?.from?.text).toBe('"Example" <no-reply@example.com>');
    expect(message?.to).toMatchObject({ text: "grace@example.org" });
    expect(message?.messageId).toMatch(/^<\d{13}\.1@api\.example\.com>$/);
    expect(message?.headers.get("auto-submitted")).toBe("auto-generated");
    for (const body of [message?.text ?? "", String(message?.html)])
      expect(body).toContain(`https://api.example.com/account/reset#token=${await secretOf(app, id)}`);
  });

  test("that is refused or put off is tried again, later each time, under the same id", async () => {
    const app = await start();
    const seen: string[] = [];
    const answers = ["450 4.2.0 not now", "550 5.7.1 never", "451 later", null];
    mail.refuse = (raw) => {
      seen.push(/^Message-ID: (.*)$/m.exec(raw)?.[1] ?? "");
      return answers[seen.length - 1] ?? null;
    };
    await sendReset(app);
    const delays: number[] = [];
    const errors: (string | null)[] = [];
    for (const attempt of [1, 2, 3]) {
      const job = await failedTimes(app, attempt);
      delays.push(job.due);
      errors.push(job.last_error);
      await bringForward(app.database);
    }
    await settled(app);
    expect(mail.received).toHaveLength(1);
    expect(new Set(seen).size).toBe(1);
    expect(seen).toHaveLength(4);
    expect(errors).toEqual([
      "The mail server refused: 450 4.2.0 (DATA)",
      "The mail server refused: 550 5.7.1 (DATA)",
      "The mail server refused: 451 (DATA)",
    ]);
    const [first = 0, second = 0, third = 0] = delays;
    expect([first > 0, second > first, third > second * 2]).toEqual([true, true, true]);
  });

  test("is tried for about two days", async () => {
    const app = await start({ SMTP_URL: "smtp://127.0.0.1:1" });
    await sendReset(app);
    await failedTimes(app, 1);
    const { rows } = await sql<{ hours: number }>`
      select sum(exp(least(attempt, 10)))::float / 3600 as hours
      from graphward_jobs.jobs, generate_series(1, max_attempts - 1) as attempt`.execute(app.database);
    expect(rows[0]?.hours).toBeGreaterThan(44);
    expect(rows[0]?.hours).toBeLessThan(54);
  });

  test("that a filter quotes in its refusal reaches neither the log nor the queue", async () => {
    const app = await start({ LOG_LEVEL: "trace" });
    mail.refuse = (raw) => `554 5.7.1 ${raw.replaceAll("=\r\n", "").replaceAll(/\s+/g, " ").slice(0, 3000)}`;
    const secret = await secretOf(app, await sendReset(app));
    const job = await failedTimes(app, 1);
    expect(job.last_error).toBe("The mail server refused: 554 5.7.1 (DATA)");
    const log = app.log.join("");
    expect(log).toContain("554 5.7.1");
    for (const canary of [secret, "grace@example.org", "Hello", user.username])
      expect(log).not.toContain(canary);
  });

  test("waits while the mail server is away, and comes when it is back", async () => {
    const app = await start();
    await mail.close();
    await sendReset(app);
    expect((await failedTimes(app, 1)).last_error).toBe(
      "The mail server is not available: ECONNREFUSED (CONN)",
    );
    mail = await startMailServer({ port: mail.port });
    await bringForward(app.database);
    await settled(app);
    expect(mail.received).toHaveLength(1);
  });

  test("is sent once, however many servers look for work", async () => {
    const app = await start();
    const owner = user;
    const environment = {
      DATABASE_URL: app.config.databaseUrl ?? "",
      SESSION_SECRET: app.config.sessionSecrets.join(),
    };
    await Promise.all([start(environment), start(environment)]);
    await Promise.all(
      Array.from({ length: 30 }, () => send(app, { template: "password-changed", userId: owner.id })),
    );
    await settled(app);
    expect(mail.received).toHaveLength(30);
    expect(new Set(mail.received.map(({ messageId }) => messageId)).size).toBe(30);
  });

  test("whose link another SESSION_SECRET made is left to a server that has it", async () => {
    const stranger = await start({ SESSION_SECRET: "of a server that is being replaced" });
    const keys = { ...stranger, config: { ...stranger.config, sessionSecrets: ["the new secret"] } };
    await sendLink(keys, {
      template: "invitation",
      purpose: "invitation",
      userId: user.id,
      sentTo: "a@example.org",
    });
    expect((await failedTimes(stranger, 1)).last_error).toContain("SESSION_SECRET");
    await stranger.server.close();
    apps.splice(apps.indexOf(stranger), 1);
    const replaced = await start({
      DATABASE_URL: stranger.config.databaseUrl ?? "",
      SESSION_SECRET: "the newest secret,the new secret",
    });
    await bringForward(replaced.database);
    await settled(replaced);
    expect(mail.received).toHaveLength(1);
  });
});

describe("the mail server", () => {
  test("gets the login of SMTP_URL, and a wrong one is told without it", async () => {
    await mail.close();
    const logins: string[] = [];
    mail = await startMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, callback) => {
        logins.push(`${username} ${password}`);
        return password === "p:w"
          ? callback(null, { user: username })
          : callback(new Error(`no ${password}`));
      },
    });
    const app = await start({ SMTP_URL: mail.url.replace("//", "//us%40er:hunter2@") });
    await sendReset(app);
    const { last_error } = await failedTimes(app, 1);
    expect(last_error).toBe("The mail server refused: 535 (AUTH PLAIN)");
    expect(app.log.join("")).not.toContain("hunter2");
    const right = await start({ SMTP_URL: mail.url.replace("//", "//us%40er:p%3Aw@") });
    await sendReset(right);
    await settled(right);
    expect(mail.received).toHaveLength(1);
    expect(logins).toEqual(["us@er hunter2", "us@er p:w"]);
  });

  test("that never answers does not hold up the end of the server, and the message is kept", async () => {
    const silent = createServer((socket) => void socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    const address = await until(() => silent.address());
    const app = await start({
      SMTP_URL: `smtp://127.0.0.1:${typeof address === "object" ? address.port : 0}`,
    });
    await sendReset(app);
    await until(async () => (await jobsOf(app.database)).some(({ locked_by }) => locked_by !== null));
    const begun = performance.now();
    await app.server.close();
    expect(performance.now() - begun).toBeLessThan(8000);
    apps.splice(apps.indexOf(app), 1);
    silent.close();

    const next = await start({
      DATABASE_URL: app.config.databaseUrl ?? "",
      SESSION_SECRET: app.config.sessionSecrets.join(),
    });
    expect(await jobsOf(next.database)).toMatchObject([{ locked_by: null, attempts: 1 }]);
    await bringForward(next.database);
    await settled(next);
    expect(mail.received).toHaveLength(1);
  });

  test("that is slow gets what was begun before the server ends", async () => {
    const app = await start();
    let goOn: (() => void) | null = null;
    await mail.close();
    mail = await startMailServer({
      port: mail.port,
      onMailFrom: (_address, _session, callback) => {
        goOn = callback;
      },
    });
    await sendReset(app);
    const answer = await until(() => goOn);
    const closing = app.server.close();
    await until(async () => !(await isReady(app.server.port)));
    answer();
    await closing;
    apps.splice(apps.indexOf(app), 1);
    expect(mail.received).toHaveLength(1);
  });
});

describe("while the database is away", () => {
  test("nothing is lost, nothing crashes, and mail goes on by itself", async () => {
    const app = await start();
    await sendReset(app);
    await settled(app);
    const admin = new pg.Client(inject("graphwardCluster"));
    await admin.connect();
    const database = app.databaseName;
    const terminate = () =>
      admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [database]);
    for (let round = 2; round <= 3; round += 1) {
      await admin.query(`alter database ${database} allow_connections false`);
      await terminate();
      await until(() => linesOf(app, "mail queue unavailable") === round - 1);
      await admin.query(`alter database ${database} allow_connections true`);
      await until(() => sendReset(app).catch(() => null));
      await until(() => mail.received.length === round);
      await settled(app);
      await until(() => linesOf(app, "mail queue available again") === round - 1);
    }
    await admin.end();
  });

  // At times the worker ticks it off after all, when its database is back: then nothing is to be sent again, and nothing is proven.
  test("a message that was handed over, and could not be ticked off, is sent again under the same id", {
    retry: 3,
  }, async () => {
    const app = await start();
    const admin = new pg.Client(inject("graphwardCluster"));
    await admin.connect();
    const database = app.databaseName;
    mail.refuse = async () => {
      // The message has come; the server learns of it only when its database is gone.
      if (mail.received.length > 0) return null;
      await admin.query(`alter database ${database} allow_connections false`);
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
        database,
      ]);
      return null;
    };
    await sendReset(app);
    await until(() => mail.received.length === 1);
    await until(() => linesOf(app, "mail queue unavailable") > 0);
    await admin.query(`alter database ${database} allow_connections true`);
    await admin.end();
    const jobs = await until(() => jobsOf(app.database).catch(() => null));
    expect(jobs).toMatchObject([{ locked_by: expect.any(String) }]);
    await sql`update graphward_jobs._private_jobs set locked_at = now() - interval '1 hour'`.execute(
      app.database,
    );
    await until(() => mail.received.length === 2);
    await settled(app);
    expect(new Set(mail.received.map(({ messageId }) => messageId)).size).toBe(1);
  });
});

test("mail goes on after two jobs could not be ticked off while others were being sent", async () => {
  const app = await start();
  // A sequence counts what is rolled back, too.
  await sql`create sequence public.refused`.execute(app.database);
  await sql`create function public.refuse_two() returns trigger language plpgsql as $$
    begin
      if old.id < (select min(id) + 2 from graphward_jobs._private_jobs) then perform nextval('public.refused'); raise exception 'refused'; end if;
      return old;
    end $$`.execute(app.database);
  await sql`create trigger refuse_two before delete on graphward_jobs._private_jobs
    for each row execute function public.refuse_two()`.execute(app.database);
  const waiting = new Map<string | undefined, () => void>();
  mail.refuse = (raw) =>
    new Promise((resolve) => waiting.set(/^To: grace-(\d)/m.exec(raw)?.[1], () => resolve(null)));
  for (let count = 1; count <= 4; count += 1)
    await sendLink(app, {
      template: "reset-password",
      purpose: "reset-password",
      userId: (await app.createUser({ email: `alan-${count}@example.org` })).id,
      sentTo: `grace-${count}@example.org`,
    });
  await until(() => waiting.size === 4);
  const deliver = (count: number) => waiting.get(String(count))?.();
  const left = async () => (await jobsOf(app.database)).length;
  const refused = async () =>
    (
      await sql<{ it: number }>`select last_value::int as it from public.refused where is_called`.execute(
        app.database,
      )
    ).rows[0]?.it;
  // One after the other: two in one statement are one failure.
  for (const count of [1, 2]) {
    deliver(count);
    await until(async () => (await refused()) === count);
  }
  for (const count of [3, 4]) {
    deliver(count);
    await until(async () => (await left()) === 6 - count);
  }
  await sql`drop function public.refuse_two cascade`.execute(app.database);

  mail.refuse = () => null;
  await sendReset(app);
  await until(() => mail.received.length === 5);
});

test("a port where nobody listens is no reason to stop", async () => {
  const app = await start({ SMTP_URL: `smtp://127.0.0.1:${await findFreePort()}` });
  await sendReset(app);
  await failedTimes(app, 1);
  expect((await fetch(`${app.origin}/health/ready`)).status).toBe(200);
});
