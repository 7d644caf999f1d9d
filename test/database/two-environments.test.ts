import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tryLockChain } from "../../src/auth/audit/trail/rows.ts";
import { lockName } from "../../src/auth/users/locks.ts";
import { migrate } from "../../src/database/migrating/migrate.ts";
import { Client } from "../harness/client.ts";
import { routeTo } from "../harness/database/database.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { jobsOf, type MailServer, startMailServer, until } from "../harness/mail/mail.ts";
import { serve } from "../harness/process.ts";
import { type App, type AppWithMail, findFreePort, startApp, startWithMail } from "../harness/server.ts";
import {
  LogInDocument,
  RequestPasswordResetDocument,
  ViewerDocument,
} from "../operations/generated/graphql.ts";

let production: AppWithMail;
let staging: AppWithMail;

beforeAll(async () => {
  production = await startWithMail();
  staging = await startWithMail({
    DATABASE_URL: production.config.databaseUrl ?? "",
    DATABASE_SCHEMA: "staging",
    RATE_LIMITS: "login.account=2/1h",
  });
});
afterAll(async () => {
  await staging.close();
  await production.close();
});

describe("two environments in one database share", () => {
  test("no job: ten resets on one are mailed by it, and none by the other", async () => {
    const users = await Promise.all(
      Array.from({ length: 10 }, (_, index) => staging.createUser({ email: `user-${index}@example.org` })),
    );
    for (const { email } of users)
      expect((await new Client(staging).run(RequestPasswordResetDocument, { email })).codes).toEqual([]);
    // Either side could take them: what the other one takes is a user that it does not know, and ends without a mail.
    await until(
      async () => (await sql`select from staging_jobs.jobs`.execute(staging.database)).rows.length === 0,
    );
    for (const { email } of users) expect(messagesTo(staging.mail.received, email)).toHaveLength(1);
    expect(staging.mail.received).toHaveLength(10);
    expect(production.mail.received).toEqual([]);
    expect(staging.mail.received.every(({ text }) => text?.includes(staging.origin))).toBe(true);
  });

  test("no user and no session", async () => {
    const user = await production.createUser({ username: "ada" });
    const twin = await staging.createUser({ username: "ada" });
    const client = new Client(production);
    await client.logIn(user);
    const stranger = new Client(staging, client);
    expect((await stranger.run(ViewerDocument)).data?.viewer ?? null).toBeNull();
    expect(twin.id).not.toBe(user.id);
  });

  test("no notice of a revocation", async () => {
    const heard: string[] = [];
    const listener = production.server.database.createClient();
    await listener.connect();
    listener.on("notification", ({ payload = "" }) => payload.startsWith("beat ") || heard.push(payload));
    await listener.query("listen graphward_revocations");
    const user = await staging.createUser();
    await staging.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
    const own = await production.createUser();
    await production.database
      .updateTable("users")
      .set({ is_active: false })
      .where("id", "=", own.id)
      .execute();
    await until(() => heard.length > 0);
    expect(heard).toEqual([own.id]);
    await listener.end();
  });

  test("no lock", async () => {
    await production.database.transaction().execute(async (here) => {
      await lockName(here, "username", "grace");
      expect(await tryLockChain(here)).toBe(true);
      await sql`set local lock_timeout = '1s'`.execute(here);
      await staging.database.transaction().execute(async (there) => {
        await sql`set local lock_timeout = '1s'`.execute(there);
        await lockName(there, "username", "grace");
        expect(await tryLockChain(there)).toBe(true);
      });
    });
  });

  test("no limit", async () => {
    const wrong = (on: App) => new Client(on).run(LogInDocument, { username: "lin", password: "wrong" });
    for (let count = 0; count < 2; count += 1) await wrong(staging);
    expect((await wrong(staging)).codes).toEqual(["RATE_LIMITED"]);
    expect((await wrong(production)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });
});

describe("an environment that is installed beside a running one", () => {
  let mail: MailServer;
  beforeAll(async () => {
    mail = await startMailServer();
  });
  afterAll(() => mail.close());

  /** Mail workers that no longer hear of an installation. Those of the environments above are among them. */
  const listUnlistened = async (): Promise<readonly number[]> => {
    const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
      where query ilike 'unlisten "worker:migrate"%' and state = 'idle'`.execute(production.database);
    return rows.map(({ pid }) => pid);
  };

  test("does not stop its mail, nor change how it ends", async () => {
    const port = await findFreePort();
    const url = production.config.databaseUrl ?? "";
    const others = await listUnlistened();
    const server = await serve(port, {
      environment: {
        DATABASE_URL: url,
        DATABASE_SCHEMA: "third",
        SMTP_URL: mail.url,
        EXPLORER: "off",
        SESSION_SECRET: "of this test only, and long enough",
        AUDIT_KEY: "another of this test, long enough too",
      },
    });
    await until(async () => (await listUnlistened()).some((pid) => !others.includes(pid)));
    await migrate(routeTo(url), { schema: "fourth" });
    const again = await startApp({ DATABASE_URL: url, DATABASE_SCHEMA: "third" });
    await again.close();
    expect(await jobsOf(production.database)).toEqual([]);
    expect(await server.stop("SIGTERM")).toMatchObject({ status: 0 });
  });
});
