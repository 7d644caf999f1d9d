import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { sealEvents } from "../../src/auth/audit/trail/sealing.ts";
import { deriveOneTimeKeys, issueOneTimeToken } from "../../src/auth/secrets/one-time-tokens.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, openDatabaseAlone, type TestDatabase } from "../harness/database/database.ts";
import { jobsOf, send } from "../harness/mail/mail.ts";
import { graphward } from "../harness/process.ts";
import { type App, startApp } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { beginLogin, codeOf, enrolTotp, logInWithCode } from "../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  LogInDocument,
  LogOutDocument,
  ResetPasswordDocument,
  RevokeTrustedBrowsersDocument,
  ViewerDocument,
} from "../operations/generated/graphql.ts";

const secrets = {
  SESSION_SECRET: randomBytes(32).toString("hex"),
  AUDIT_KEY: randomBytes(32).toString("hex"),
};
const password = "a quiet tram at dawn";
let lost: TestDatabase;
let app: App;

beforeEach(async () => {
  lost = await createDatabase();
  app = await start(lost.url);
});
afterEach(() => lost.drop());

const start = (url: string) => startApp({ DATABASE_URL: url, ...secrets });

const asAdmin = async (statement: string): Promise<void> => {
  const admin = new pg.Client(inject("graphwardCluster"));
  await admin.connect();
  await admin.query(statement).finally(() => admin.end());
};
/** What pg_dump and pg_restore do, by a copy of the files: needs no program beside Node. */
const copy = (from: string, to: string) =>
  asAdmin(`create database ${to} template ${from} strategy file_copy`);

/** The commands of the page, in order. */
const readSequence = async (): Promise<readonly string[]> => {
  const page = await readFile(join(import.meta.dirname, "../../docs/operating.md"), "utf8");
  const [, section = ""] = page.split("\n## Restore a backup\n");
  const [, restore = ""] = [...section.matchAll(/```sh\n(.*?)\n```/gs)].map(([, lines = ""]) => lines);
  return restore.split("\n");
};

/** Everything that can end, in the backup; then all of it ends, and the database is lost. */
const lose = async () => {
  const user = await app.createUser({ email: "grace@example.org", password });
  const [browser, phone] = [new Client(app), new Client(app)];
  await browser.logIn(user, "SESSION");
  await phone.logIn(user, "TOKEN");
  const script = await createScript(app, user, ["profile:read"]);
  const enrolled = await enrolTotp(app, await app.createUser({ email: "heidi@example.org", password }));
  const trusted = await logInWithCode(app, enrolled.user, codeOf(enrolled.secret), {
    mode: "SESSION",
    trustBrowser: true,
  });
  const waiting = await beginLogin(app, enrolled.user);
  const keys = deriveOneTimeKeys(app.config.sessionSecrets);
  const token = { purpose: "reset-password", userId: user.id, sentTo: "grace@example.org" } as const;
  const linkId = await issueOneTimeToken(app.database, keys, token);
  const credentials = { browser: new Map(browser.cookies), token: phone.token, script: script.token, linkId };
  await sealEvents(app.database, secrets.AUDIT_KEY);
  await app.close();
  const backup = `backup_${randomBytes(8).toString("hex")}`;
  await copy(lost.name, backup);

  const later = await start(lost.url);
  const again = [
    new Client(later, { cookies: credentials.browser }),
    new Client(later, { token: credentials.token }),
  ];
  for (const client of again) expect((await client.run(LogOutDocument)).codes).toEqual([]);
  const elsewhere = new Client(later, trusted);
  expect((await elsewhere.run(RevokeTrustedBrowsersDocument)).data?.revokeTrustedBrowsers?.count).toBe(1);
  await later.close();
  await asAdmin(`drop database ${lost.name} with (force)`);
  return { user, credentials, backup, enrolled, trusted, waiting };
};
type Lost = Awaited<ReturnType<typeof lose>>;

const viewersOf = async (restored: App, { credentials }: Lost) => {
  const clients = [
    new Client(restored, { cookies: credentials.browser }),
    new Client(restored, { token: credentials.token }),
    new Client(restored, { token: credentials.script }),
  ];
  const answers = await Promise.all(clients.map((client) => client.run(ViewerDocument)));
  return answers.map(({ data }) => data?.viewer != null);
};

/** Whether the browser that was trusted is asked for the second step. */
const isAsked = async (restored: App, { trusted, enrolled }: Lost): Promise<boolean> => {
  const browser = new Client(restored, { cookies: trusted.cookies, deviceCookies: trusted.deviceCookies });
  return (await browser.run(LogInDocument, enrolled.user)).data?.login?.challenge != null;
};

test("after the page's sequence nothing that ended since the backup is valid, and users log in again", async () => {
  const before = await lose();
  const sequence = await readSequence();
  expect(sequence).toEqual([
    expect.stringMatching(/^pg_restore /),
    "npx graphward migrate",
    "npx graphward restored",
    "npx graphward audit verify",
    "npm start",
  ]);
  await copy(before.backup, lost.name);
  // Mail that waited when the backup was made.
  const quiet = await openDatabaseAlone(lost.url);
  await send(quiet, { template: "reset-requested", address: "grace@example.org" });
  const printed: string[] = [];
  for (const line of sequence.filter((it) => it.startsWith("npx graphward "))) {
    const { status, stdout, stderr } = await graphward(line.split(" ").slice(2), {
      environment: { DATABASE_URL: lost.url, ...secrets },
    });
    expect([line, status, stderr]).toEqual([line, 0, ""]);
    printed.push(stdout);
  }
  expect(printed[1]).toMatch(
    /^Sessions ended: 5\.\nAccess tokens revoked: 1\.\nLinks ended: 1\.\nWaiting mail deleted: [1-9]\d*\.\nTrusted browsers ended: 1\.\nPending logins ended: 1\.\n$/,
  );
  expect(printed[2]).toMatch(/^The audit trail is intact\./);
  expect(await jobsOf(quiet.database)).toEqual([]);
  await quiet.close();

  const restored = await start(lost.url);
  try {
    expect(await viewersOf(restored, before)).toEqual([false, false, false]);
    const links = await restored.database.selectFrom("one_time_tokens").select("id").execute();
    expect(links).toEqual([]);
    const token = before.credentials.linkId;
    const reset = await new Client(restored).run(ResetPasswordDocument, { token, newPassword: password });
    expect(reset.codes).toEqual(["INVALID_TOKEN"]);
    expect((await new Client(restored).logIn(before.user)).userId).toBe(before.user.id);
    // The factor is as it was, and the browser whose trust was revoked is asked for it.
    expect(await isAsked(restored, before)).toBe(true);
    const { pendingToken } = before.waiting;
    const late = { pendingToken, code: codeOf(before.enrolled.secret, { steps: 1 }) };
    const completed = await new Client(restored, before.waiting.client).run(CompleteLoginDocument, late);
    expect(completed.codes).toEqual(["INVALID_TOKEN"]);
    const events = restored.database
      .selectFrom("audit_events")
      .select("type")
      .where("user_id", "=", before.user.id);
    const ended = await events
      .where("details", "@>", JSON.stringify({ via: "cli", reason: "RESTORED" }) as never)
      .execute();
    expect(ended.map(({ type }) => type).sort()).toEqual([
      "ACCESS_TOKEN_REVOKED",
      "SESSION_REVOKED",
      "SESSION_REVOKED",
      "SESSION_REVOKED",
    ]);
  } finally {
    await restored.close();
    await asAdmin(`drop database ${before.backup}`);
  }
});

test("without the command they are valid again; what is asked to be kept stays, links never", async () => {
  const before = await lose();
  await copy(before.backup, lost.name);
  const first = await start(lost.url);
  expect(await viewersOf(first, before)).toEqual([true, true, true]);
  expect(await isAsked(first, before)).toBe(false);
  const { stdout } = await graphward(["restored", "--keep-sessions", "--keep-access-tokens", "--json"], {
    environment: { DATABASE_URL: lost.url, ...secrets },
  });
  const ended = { sessions: 0, accessTokens: 0, links: 1, mail: 0, trustedBrowsers: 1, pendingLogins: 1 };
  expect(JSON.parse(stdout)).toEqual(ended);
  expect(await viewersOf(first, before)).toEqual([true, true, true]);
  // On a server that runs, too.
  const kept = await graphward(["restored", "--keep-access-tokens"], {
    environment: { DATABASE_URL: lost.url, ...secrets },
  });
  expect(kept.stdout).toMatch(/^Sessions ended: 5\.\nAccess tokens revoked: none, as asked\.\n/);
  await expect.poll(() => viewersOf(first, before)).toEqual([false, false, true]);
  await first.close();
  await asAdmin(`drop database ${before.backup}`);
});
