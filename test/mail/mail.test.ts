import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import type { ParsedMail } from "mailparser";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { enqueueMail, type OutgoingMail } from "../../src/auth/outgoing-mail.ts";
import {
  consumeOneTimeToken,
  deriveOneTimeKeys,
  findSendableToken,
  issueOneTimeToken,
  type Purpose,
} from "../../src/auth/secrets/one-time-tokens.ts";
import { jobsOf, type LinkTemplate, readOutbox, send, sendLink, until } from "../harness/mail/mail.ts";
import { type App, startApp, type User } from "../harness/server.ts";

let app: App;
let user: User;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "graphward-mail-"));
  app = await startApp({ DATA_DIR: dataDir, PUBLIC_URL: "https://api.example.com" });
});
afterAll(async () => {
  await app.close();
  await rm(dataDir, { recursive: true });
});
beforeEach(async () => {
  user = await app.createUser({ email: `${Math.random().toString(36).slice(2)}@example.com` });
});
afterEach(() => rm(join(dataDir, "outbox"), { recursive: true, force: true }));

const settled = () => until(async () => (await jobsOf(app.database)).length === 0);
const received = async (): Promise<ParsedMail> => {
  await settled();
  const messages = await readOutbox(dataDir);
  expect(messages).toHaveLength(1);
  return messages[0] as ParsedMail;
};
const addressOf = (mail: ParsedMail) => (mail.to && !Array.isArray(mail.to) ? mail.to.text : undefined);

describe("a message with a link", () => {
  test.each<[LinkTemplate, Purpose, string, RegExp, greeting: "by name" | "without a name"]>([
    ["verify-address", "verify-address", "verify", /confirm/i, "without a name"],
    ["reset-password", "reset-password", "reset", /new password/i, "without a name"],
    ["address-change-confirm", "change-address", "confirm-address", /new email/i, "without a name"],
    ["address-changed", "undo-address-change", "undo-address", /was changed/i, "by name"],
    ["invitation", "invitation", "reset", /account/i, "by name"],
  ])(
    "of %s says what it is, until when, and opens what was issued",
    async (template, purpose, page, subject, greeting) => {
      const id = await sendLink(app, { template, purpose, userId: user.id, sentTo: "other@example.com" });
      const mail = await received();
      expect(mail.subject).toMatch(subject);
      // The address that the link was issued for, which need not be the account's.
      expect(addressOf(mail)).toBe("other@example.com");
      const link = new RegExp(`https://api\\.example\\.com/account/${page}#token=([0-9A-Za-z]{43})`);
      const [, secret = ""] = link.exec(mail.text ?? "") ?? [];
      const { expires_at } = await app.database
        .selectFrom("one_time_tokens")
        .select("expires_at")
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "UTC" }).format(
        expires_at,
      );
      for (const body of [mail.text ?? "", String(mail.html)]) {
        expect(body).toContain(greeting === "by name" ? `Hello ${user.username},` : "Hello,");
        expect(body).toContain("If this was not you: ");
        expect(body).toContain(secret);
        expect(body).toMatch(new RegExp(`use the link once, until \\d+ \\w+ \\d{4} at ${time} UTC`));
      }
      expect(await consumeOneTimeToken(app.database, purpose, secret)).toMatchObject({
        userId: user.id,
        sentTo: "other@example.com",
      });
    },
  );

  test("opens a front end or an app of one's own", async () => {
    const other = await startApp({
      DATA_DIR: dataDir,
      VERIFY_URL: "https://app.example.com/welcome?verify={token}&lang=en",
      RESET_URL: "com.example.app:/reset/{token}",
    });
    const { id: userId } = await other.createUser();
    const sentTo = "a@example.com";
    await sendLink(other, { template: "verify-address", purpose: "verify-address", userId, sentTo });
    await sendLink(other, { template: "reset-password", purpose: "reset-password", userId, sentTo });
    await until(async () => (await readOutbox(dataDir)).length === 2);
    const text = (await readOutbox(dataDir)).map((mail) => `${mail.text}${mail.html}`).join();
    expect(text).toMatch(/https:\/\/app\.example\.com\/welcome\?verify=[0-9A-Za-z]{43}&lang=en/);
    expect(text).toMatch(/href="https:\/\/app\.example\.com\/welcome\?verify=[0-9A-Za-z]{43}&amp;lang=en"/);
    expect(text).toMatch(/com\.example\.app:\/reset\/[0-9A-Za-z]{43}/);
    await other.close();
  });

  test.each([
    ["is used", sql`delete from one_time_tokens where id = `, "id"],
    [
      "has expired",
      sql`update one_time_tokens set expires_at = now() - interval '1 second' where id = `,
      "id",
    ],
    ["is gone with its account", sql`delete from users where id = `, "user"],
  ])("that %s by the time it is sent is not sent, and not tried again", async (_when, statement, of) => {
    await app.database.transaction().execute(async (transaction) => {
      const keys = deriveOneTimeKeys(app.config.sessionSecrets);
      const oneTimeTokenId = await issueOneTimeToken(transaction, keys, {
        purpose: "reset-password",
        userId: user.id,
        sentTo: "a@example.com",
      });
      await enqueueMail(transaction, { template: "reset-password", userId: user.id, oneTimeTokenId });
      await sql`${statement} ${of === "id" ? oneTimeTokenId : user.id}`.execute(transaction);
    });
    await settled();
    expect(await readOutbox(dataDir)).toEqual([]);
  });
});

describe("a notice", () => {
  test.each<[(userId: string) => OutgoingMail, RegExp, string[]]>([
    [
      (userId) => ({ template: "address-taken", userId }),
      /already have an account/,
      ["log in. If you forgot your password, reset it"],
    ],
    [
      (userId) => ({ template: "password-changed", userId }),
      /password was changed/,
      ["all access tokens have ended", "Reset your password"],
    ],
    [
      (userId) => ({ template: "password-changed", userId, accessTokens: ["backup"] }),
      /password was changed/,
      ["Other devices were logged out", "“backup”", "Reset your password"],
    ],
    [
      (userId) => ({ template: "password-changed", userId, by: "operator" }),
      /password was changed/,
      ["changed by the operator", "all access tokens have ended", "Ask the operator of the service"],
    ],
    [
      (userId) => ({ template: "username-changed", userId, previousUsername: "grace" }),
      /username was changed/,
      ["from grace"],
    ],
    [
      (userId) => ({ template: "access-token-created", userId, name: "backup" }),
      /access token/,
      ["“backup”", "Revoke the token"],
    ],
    [(userId) => ({ template: "token-leaked", userId }), /found in public/, ["no longer works"]],
    [
      (userId) => ({ template: "roles-changed", userId, roles: ["ADMIN", "AUDITOR"] }),
      /roles were changed/,
      ["ADMIN, AUDITOR"],
    ],
    [(userId) => ({ template: "roles-changed", userId, roles: [] }), /roles were changed/, ["no role"]],
    [(userId) => ({ template: "impersonated", userId, by: "root" }), /acted as you/, ["administrator root"]],
    [
      (userId) => ({ template: "new-device", userId, device: "Firefox on Linux", ipAddress: null }),
      /new device/,
      ["Firefox on Linux", "IP: unknown"],
    ],
  ])("%# tells the account what happened, when, and what to do", async (make, subject, parts) => {
    await send(app, make(user.id));
    const mail = await received();
    expect(mail.subject).toMatch(subject);
    expect(addressOf(mail)).toBe(user.email);
    for (const body of [mail.text ?? "", String(mail.html)]) {
      for (const part of [user.username, "api.example.com", "If this was not you: ", ...parts])
        expect(body).toContain(part);
    }
    expect(mail.text).not.toContain("token=");
  });

  test("of a deleted account reaches the address that it had", async () => {
    await app.database.deleteFrom("users").where("id", "=", user.id).execute();
    await send(app, { template: "account-deleted", username: user.username, address: "gone@example.com" });
    const mail = await received();
    expect(addressOf(mail)).toBe("gone@example.com");
    expect(mail.text).toContain(`Hello ${user.username},`);
  });

  test("goes nowhere when the account has no address, or is gone", async () => {
    const silent = await app.createUser();
    await send(app, { template: "password-changed", userId: silent.id });
    await app.database.deleteFrom("users").where("id", "=", user.id).execute();
    await send(app, { template: "password-changed", userId: user.id });
    await settled();
    expect(await readOutbox(dataDir)).toEqual([]);
  });

  test("of what was rolled back is never sent", async () => {
    const lost = app.database.transaction().execute(async (transaction) => {
      await enqueueMail(transaction, { template: "password-changed", userId: user.id });
      throw new Error("rolled back");
    });
    await expect(lost).rejects.toThrow("rolled back");
    await send(app, { template: "address-taken", userId: user.id });
    expect((await received()).subject).toMatch(/already/);
  });
});

describe("what people typed", () => {
  test("stays text in HTML, stays in its paragraph, and reaches no header", async () => {
    const name =
      '"><img src=x onerror=alert(1)>\r\nBcc: everybody@example.com\r\n\r\nClick\u2028here \u202egnp.exe';
    await send(app, { template: "access-token-created", userId: user.id, name });
    const mail = await received();
    expect(String(mail.html)).toContain(
      "“&quot;&gt;&lt;img src=x onerror=alert(1)&gt; Bcc: everybody@example.com",
    );
    expect(mail.text).toContain(
      '“"><img src=x onerror=alert(1)> Bcc: everybody@example.com Click here  gnp.exe”',
    );
    expect([...mail.headers.keys()].sort()).toEqual(
      [
        "auto-submitted",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "subject",
        "to",
      ].sort(),
    );
  });

  test.each([
    "a@example.com\r\nBcc: everybody@example.com",
    "a@example.com, everybody@example.com",
    "a@example.com> <everybody@example.com",
    "Everybody <everybody@example.com>",
    "a@example.com\0",
  ])("as the address %j, by whatever way it came into the table, sends nothing", async (address) => {
    await send(app, { template: "account-deleted", username: user.username, address });
    await app.database
      .updateTable("users")
      .set({ email: address.replace("\0", "\u0001") })
      .where("id", "=", user.id)
      .execute();
    await send(app, { template: "password-changed", userId: user.id });
    await settled();
    expect(await readOutbox(dataDir)).toEqual([]);
  });
});

test("the outbox is for its owner alone, and holds whole messages only", async () => {
  for (let count = 0; count < 5; count += 1)
    await send(app, { template: "password-changed", userId: user.id });
  await settled();
  const outbox = join(dataDir, "outbox");
  expect((await stat(outbox)).mode & 0o777).toBe(0o700);
  const names = await readdir(outbox);
  expect(names).toHaveLength(5);
  for (const name of names) {
    expect(name).toMatch(/^\d{13}\.\d+-password-changed\.eml$/);
    expect((await stat(join(outbox, name))).mode & 0o777).toBe(0o600);
  }
});

test("development logs the link; production does not; neither logs more, and no table holds it", async () => {
  const environments = {
    development: {},
    production: { NODE_ENV: "production", PUBLIC_URL: "https://a.example" },
  };
  for (const [kind, environment] of Object.entries(environments)) {
    const other = await startApp({ DATA_DIR: dataDir, LOG_LEVEL: "trace", ...environment });
    const owner = await other.createUser({ email: "canary-account@example.com" });
    const id = await sendLink(other, {
      template: "reset-password",
      purpose: "reset-password",
      userId: owner.id,
      sentTo: "canary-sent@example.com",
    });
    const { secret } = (await findSendableToken(
      other.database,
      deriveOneTimeKeys(other.config.sessionSecrets),
      id,
    )) ?? { secret: "gone" };
    await until(() => other.log.some((line) => line.includes("mail sent")));
    const log = other.log.join("");
    expect([kind, log.split(secret).length - 1]).toEqual([kind, kind === "development" ? 1 : 0]);
    for (const canary of ["canary", "Hello", "If this was not you", owner.username])
      expect(log).not.toContain(canary);
    await other.close();
  }

  // A job that cannot be sent, so that it stays to be looked at.
  const blocked = await startApp({ DATA_DIR: dataDir, SMTP_URL: "smtp://127.0.0.1:1" });
  const owner = await blocked.createUser({ email: "canary@example.com" });
  const id = await sendLink(blocked, {
    template: "reset-password",
    purpose: "reset-password",
    userId: owner.id,
    sentTo: "canary@example.com",
  });
  const keys = deriveOneTimeKeys(blocked.config.sessionSecrets);
  const secret = (await findSendableToken(blocked.database, keys, id))?.secret ?? "gone";
  expect(secret).toHaveLength(43);
  await until(async () => (await jobsOf(blocked.database)).some(({ last_error }) => last_error !== null));
  const { rows } = await sql<{
    row: string;
  }>`select j::text as row from graphward_jobs._private_jobs j`.execute(blocked.database);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.row).toContain(id);
  for (const hidden of [secret, "canary@example.com"]) {
    expect(rows[0]?.row).not.toContain(hidden);
    expect(blocked.log.join("")).not.toContain(hidden);
  }
  const { rows: tokens } = await sql<{ row: string }>`select t::text as row from one_time_tokens t`.execute(
    blocked.database,
  );
  expect(tokens[0]?.row).not.toContain(secret);
  await blocked.close();
});
