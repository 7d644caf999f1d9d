import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { days, hours, minutes } from "../../src/time.ts";
import { problemsOf, production } from "../harness/configuration.ts";

test("every wrong value is told at once, by name", () => {
  const problems = problemsOf({
    PORT: "http",
    DATABASE_URL: "mysql://localhost/x",
    PUBLIC_URL: "https://example.com/path",
    ALLOWED_ORIGINS: "https://a.example,nonsense",
    TRUST_PROXY: "all",
    SMTP_URL: "mail.example.com",
    MAIL_FROM: "nobody",
    VERIFY_URL: "https://app.example.com/verify",
    RESET_URL: "javascript:alert('{token}')",
    EMAIL_CHANGE_URL: "/confirm#{token}",
    AUTO_MIGRATE: "yes",
    EXPLORER: "1",
    INTROSPECTION: "true",
    LOG_LEVEL: "loud",
  });
  const names = problems.map((problem) => problem.split(":")[0]);
  expect(names).toEqual([
    "PORT",
    "DATABASE_URL",
    "PUBLIC_URL",
    "ALLOWED_ORIGINS",
    "TRUST_PROXY",
    "SMTP_URL",
    "MAIL_FROM",
    "VERIFY_URL",
    "RESET_URL",
    "EMAIL_CHANGE_URL",
    "AUTO_MIGRATE",
    "EXPLORER",
    "INTROSPECTION",
    "LOG_LEVEL",
  ]);
});

test.each([
  ["NODE_ENV", "prod"],
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PUBLIC_URL", "ftp://example.com"],
  ["PUBLIC_URL", "https://user@example.com"],
  ["ALLOWED_ORIGINS", "https://a.example/path"],
  ["ALLOWED_ORIGINS", "*"],
  ["AUDIT_RETENTION", "400"],
  ["AUDIT_RETENTION", "0d"],
  ["AUDIT_RETENTION", "23h"],
  ["AUDIT_RETENTION", "400 days"],
])("%s=%s is refused", (name, value) => {
  expect(problemsOf({ [name]: value }).map((problem) => problem.split(":")[0])).toEqual([name]);
});

test("origins are those of the list, or the one of PUBLIC_URL", () => {
  const originsOf = (environment: NodeJS.ProcessEnv) => [...readConfig(environment).allowedOrigins];
  expect(originsOf({ ALLOWED_ORIGINS: "https://a.example/, https://B.example:443" })).toEqual([
    "https://a.example",
    "https://b.example",
  ]);
  expect(originsOf({ PUBLIC_URL: "https://api.example.com" })).toEqual(["https://api.example.com"]);
  expect(originsOf({ PORT: "8080" })).toEqual(["http://localhost:8080"]);
});

test("durations carry their unit", () => {
  const retentionOf = (AUDIT_RETENTION: string) => readConfig({ AUDIT_RETENTION }).auditRetention;
  expect(readConfig({}).auditRetention).toBe(days(400));
  expect([retentionOf("7d"), retentionOf("48h"), retentionOf("1440m")]).toEqual([days(7), days(2), days(1)]);
});

test("the configuration is frozen", () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true);
});

test("no problem repeats a secret", () => {
  expect(problemsOf({ ...production, SESSION_SECRET: "hunter2hunter2" }).join()).not.toContain("hunter2");
  expect(problemsOf({ DATABASE_URL: "mysql://user:hunter2@localhost/x" }).join()).not.toContain("hunter2");
});

test("proxies may be named", () => {
  expect(readConfig({ TRUST_PROXY: "2" }).trustProxy).toBe(2);
  expect(readConfig({ TRUST_PROXY: "10.0.0.0/8, 192.168.1.1" }).trustProxy).toEqual([
    "10.0.0.0/8",
    "192.168.1.1",
  ]);
  for (const range of ["10.0.0.0/255.0.0.0", "fc00::/7", "::ffff:10.0.0.0/104", "uniquelocal", "::1"])
    expect(readConfig({ TRUST_PROXY: range }).trustProxy).toEqual([range]);
  for (const TRUST_PROXY of ["true", "-1", "proxy"]) expect(problemsOf({ TRUST_PROXY })).toHaveLength(1);
});

test("the service for breached passwords is a folder to put digits behind", () => {
  const url = "https://api.pwnedpasswords.com/range/";
  expect(readConfig({}).breachedPasswordsUrl).toBeNull();
  expect(readConfig({ BREACHED_PASSWORDS_URL: url }).breachedPasswordsUrl?.href).toBe(url);
  for (const BREACHED_PASSWORDS_URL of [
    "on",
    "ftp://host/range/",
    "https://host/range",
    "https://host/range/?a=b",
    "https://user:password@host/range/",
  ])
    expect(problemsOf({ BREACHED_PASSWORDS_URL })).toEqual([
      expect.stringMatching(/^BREACHED_PASSWORDS_URL: must look like/),
    ]);
});

test("limits are overridden by name, each with a count and a time", () => {
  expect(readConfig({}).rateLimits["login.account"]).toEqual({ points: 5, per: minutes(15) });
  const { rateLimits } = readConfig({ RATE_LIMITS: "login.address=60/1m, register.address=1000/1h" });
  expect(rateLimits["login.address"]).toEqual({ points: 60, per: minutes(1) });
  expect(rateLimits["register.address"]).toEqual({ points: 1000, per: hours(1) });
  expect(rateLimits["login.account"]).toEqual({ points: 5, per: minutes(15) });
  for (const RATE_LIMITS of [
    "login.address",
    "login.address=0/1m",
    "login.address=60",
    "login=60/1m",
    "off",
    "login.address=5/1y",
  ])
    expect(problemsOf({ RATE_LIMITS })).toEqual([expect.stringMatching(/^RATE_LIMITS: ".*must look like/)]);
});

describe("mail", () => {
  test("goes to the outbox, from the host of PUBLIC_URL, with links to our own pages, unless told otherwise", () => {
    expect(readConfig({ PUBLIC_URL: "https://api.example.com" }).mail).toEqual({
      smtp: null,
      from: { name: "Graphward", address: "no-reply@api.example.com" },
      links: {
        verify: "https://api.example.com/account/verify#token={token}",
        reset: "https://api.example.com/account/reset#token={token}",
        confirmAddress: "https://api.example.com/account/confirm-address#token={token}",
        undoAddress: "https://api.example.com/account/undo-address#token={token}",
      },
    });
  });

  test("goes to the server of SMTP_URL, with TLS that production insists on", () => {
    const smtpOf = (SMTP_URL: string, environment: NodeJS.ProcessEnv = {}) =>
      readConfig({ ...environment, SMTP_URL }).mail.smtp;
    const given = { ...production, MAIL_FROM: "a@example.com" };
    expect(smtpOf("smtps://us%40er:p%3Aw@mail.example.com", given)).toEqual({
      host: "mail.example.com",
      port: null,
      isTlsFromStart: true,
      isTlsRequired: true,
      login: { user: "us@er", pass: "p:w" },
    });
    const plain = { host: "mail.example.com", port: 587, isTlsFromStart: false, login: null };
    expect(smtpOf("smtp://mail.example.com:587", given)).toEqual({ ...plain, isTlsRequired: true });
    expect(smtpOf("smtp://mail.example.com:587")).toEqual({ ...plain, isTlsRequired: false });
    expect(smtpOf("smtp://mail.example.com:587?starttls=optional", given)).toEqual({
      ...plain,
      isTlsRequired: false,
    });
    for (const local of ["localhost", "127.0.0.1", "[::1]"])
      expect(smtpOf(`smtp://${local}`, given)).toMatchObject({ isTlsRequired: false });
  });

  test.each([
    "http://mail.example.com",
    "smtp://",
    "smtp:///mail",
    "smtp://mail.example.com/path",
    "smtp://mail.example.com?logger=true",
    "smtp://mail.example.com?tls.rejectUnauthorized=false",
  ])("SMTP_URL=%s is refused, and no password is told", (SMTP_URL) => {
    const [problem = ""] = problemsOf({ SMTP_URL: SMTP_URL.replace("://mail", "://user:hunter2@mail") });
    expect(problem).toMatch(/^SMTP_URL: must look like/);
    expect(problem).not.toContain("hunter2");
  });

  test("comes from one mailbox", () => {
    const fromOf = (MAIL_FROM: string) => readConfig({ MAIL_FROM }).mail.from;
    expect(fromOf("no-reply@example.com")).toEqual({ name: "", address: "no-reply@example.com" });
    expect(fromOf("Käse & Co, Inc. <a@example.com>")).toEqual({
      name: "Käse & Co, Inc.",
      address: "a@example.com",
    });
    for (const MAIL_FROM of [
      "a@example.com, b@example.com",
      "A <a@example.com>, B <b@example.com>",
      "A <a@example.com\r\nBcc: b@example.com>",
      "A\r\nBcc: b@example.com <a@example.com>",
      "<>",
      "A <a>",
    ])
      expect(problemsOf({ MAIL_FROM })).toHaveLength(1);
  });

  test("a link holds {token} once, and is no script", () => {
    for (const RESET_URL of [
      "https://a.example/r/{token}",
      "myapp://reset?t={token}",
      "com.example.app:/r#{token}",
    ])
      expect(readConfig({ RESET_URL }).mail.links.reset).toBe(RESET_URL);
    for (const RESET_URL of [
      "https://a.example/r",
      "/r/{token}",
      "https://a.example/{token}/{token}",
      "https://a.example/{token}/{other}",
      "javascript:x('{token}')",
      "data:text/html,{token}",
      "https://a.example/{token} x",
    ])
      expect(problemsOf({ RESET_URL })).toHaveLength(1);
  });

  test("production asks whom it comes from", () => {
    expect(problemsOf({ ...production, SMTP_URL: "smtps://mail.example.com" })).toEqual([
      "MAIL_FROM: is required in production with SMTP_URL",
    ]);
    expect(problemsOf({ SMTP_URL: "smtps://mail.example.com" })).toEqual([]);
  });
});

describe("in production", () => {
  test("without an external database neither a secret nor a public address is needed", () => {
    expect(problemsOf({ NODE_ENV: "production" })).toEqual([]);
    expect(problemsOf({ DATABASE_URL: production.DATABASE_URL })).toEqual([]);
  });

  test("the explorer and introspection are off, and the server is reachable from outside", () => {
    expect(readConfig(production)).toMatchObject({ explorer: false, introspection: false, host: "0.0.0.0" });
    expect(readConfig({})).toMatchObject({ explorer: true, introspection: true, host: "127.0.0.1" });
  });
});

test("an empty value is an unset one", () => {
  expect(readConfig({ PORT: "", DATABASE_URL: "", PUBLIC_URL: "" })).toMatchObject({
    port: 4000,
    databaseUrl: null,
  });
});

test(".env.example names every variable, and nothing else", async () => {
  const root = join(import.meta.dirname, "../..");
  const source = await readFile(join(root, "src/config/config.ts"), "utf8");
  const example = await readFile(join(root, ".env.example"), "utf8");
  const read = new Set([...source.matchAll(/^ {4}([A-Z_]+): /gm)].map(([, name]) => name));
  const shown = new Set([...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name));
  expect(read.size).toBeGreaterThan(10);
  expect(shown).toEqual(read);
});
