import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { environmentExample } from "../../scripts/reference/settings.ts";
import { readConfig, settings } from "../../src/config/config.ts";
import { days, hours, minutes } from "../../src/time.ts";
import { problemsOf, production } from "../harness/configuration.ts";

test("every wrong value is told at once, by name", () => {
  const problems = problemsOf({
    PORT: "http",
    LOG_LEVEL: "loud",
    DATABASE_URL: "mysql://localhost/x",
    AUTO_MIGRATE: "yes",
    PUBLIC_URL: "https://example.com/path",
    ALLOWED_ORIGINS: "https://a.example,nonsense",
    TRUST_PROXY: "all",
    SMTP_URL: "mail.example.com",
    MAIL_FROM: "nobody",
    VERIFY_URL: "https://app.example.com/verify",
    RESET_URL: "javascript:alert('{token}')",
    EMAIL_CHANGE_URL: "/confirm#{token}",
    EXPLORER: "1",
    INTROSPECTION: "true",
  });
  const names = problems.map((problem) => problem.split(":")[0]);
  expect(names).toEqual([
    "PORT",
    "LOG_LEVEL",
    "DATABASE_URL",
    "AUTO_MIGRATE",
    "PUBLIC_URL",
    "ALLOWED_ORIGINS",
    "TRUST_PROXY",
    "SMTP_URL",
    "MAIL_FROM",
    "VERIFY_URL",
    "RESET_URL",
    "EMAIL_CHANGE_URL",
    "EXPLORER",
    "INTROSPECTION",
  ]);
});

test.each([
  ["NODE_ENV", "prod"],
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["DATABASE_SCHEMA", "Auth"],
  ["DATABASE_SCHEMA", "1st"],
  ["DATABASE_SCHEMA", 'a"; drop schema public'],
  ["DATABASE_SCHEMA", "a".repeat(41)],
  ["DATABASE_SCHEMA", "pg_own"],
  ["DATABASE_SCHEMA", "information_schema"],
  ["DATABASE_SCHEMA", "public"],
  ["DATABASE_SCHEMA", "graphward_jobs"],
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

test("an origin of an app is taken as it stands; the name of a scheme is none, nor what a page or a file can send", () => {
  const of = (ALLOWED_ORIGINS: string) => [...readConfig({ ALLOWED_ORIGINS }).allowedOrigins];
  expect(of("capacitor://localhost, app://-, Tauri://localhost/, moz-extension://0a-1b")).toEqual([
    "capacitor://localhost",
    "app://-",
    "tauri://localhost",
    "moz-extension://0a-1b",
  ]);
  for (const ALLOWED_ORIGINS of [
    "null",
    "capacitor:",
    "capacitor://",
    "capacitor://localhost/path",
    "capacitor://u@localhost",
    "file://",
    "file:///",
    "file://localhost",
    "data:text/html;x",
    "blob:https://a.example/x",
    "javascript://a.example",
    "ws://a.example",
    "localhost",
  ])
    expect([ALLOWED_ORIGINS, ...problemsOf({ ALLOWED_ORIGINS })]).toEqual([
      ALLOWED_ORIGINS,
      `ALLOWED_ORIGINS: ${JSON.stringify(ALLOWED_ORIGINS)} must be an origin such as https://app.example.com or capacitor://localhost, without a path`,
    ]);
});

test("a wildcard stands for the first label of a name that is one's own", () => {
  const of = (ALLOWED_ORIGINS: string) => [...readConfig({ ALLOWED_ORIGINS }).allowedOrigins];
  expect(of("https://*.preview.example.com, https://*.Team.vercel.app/, http://*.localhost:3000")).toEqual([
    "https://*.preview.example.com",
    "https://*.team.vercel.app",
    "http://*.localhost:3000",
  ]);
  const problemOf = (ALLOWED_ORIGINS: string) => problemsOf({ ALLOWED_ORIGINS }).join();
  for (const origin of [
    "*",
    "https://*",
    "https://*:443",
    "*.example.com",
    "https://*preview.example.com",
    "https://pr-*.example.com",
    "https://preview.*.com",
    "https://example.*",
    "https://*.*.example.com",
    "https://*.a.example.com/path",
    "https://u@*.example.com",
    "https://*.example.com@evil.example",
    "https://*.0.0.1",
    "https://*..example.com",
    "chrome-extension://*",
    "capacitor://*.localhost",
  ])
    expect([origin, problemOf(origin)]).toEqual([
      origin,
      expect.stringContaining("must have its one * in the place of the first label"),
    ]);
  for (const origin of [
    "https://*.com",
    "https://*.co.uk",
    "https://*.vercel.app",
    "https://*.github.io",
    "https://*.internal",
  ])
    expect([origin, problemOf(origin)]).toEqual([origin, expect.stringContaining("would allow strangers")]);
  expect(problemsOf({ PUBLIC_URL: "https://*.example.com" })).toHaveLength(1);
});

test("a token's header has no other use, and a cookie's name no prefix", () => {
  expect(readConfig({}).tokenHeader).toBe("authorization");
  expect(readConfig({ TOKEN_HEADER: "X-Auth-Token" }).tokenHeader).toBe("x-auth-token");
  for (const TOKEN_HEADER of [
    "Cookie",
    "Origin",
    "Accept",
    "Content-Type",
    "content-language",
    "Range",
    "X-Forwarded-For",
    "Sec-Token",
    "Proxy-Authorization",
    "X Auth",
    "X-Auth:",
    "Host",
  ])
    expect(problemsOf({ TOKEN_HEADER })).toEqual([
      expect.stringMatching(/^TOKEN_HEADER: must be the name of a header/),
    ]);

  expect(readConfig({}).cookieName).toBe("graphward-4000");
  expect(readConfig({ PORT: "5001" }).cookieName).toBe("graphward-5001");
  expect(readConfig({ NODE_ENV: "production", PORT: "5001" }).cookieName).toBe("graphward");
  expect(readConfig({ COOKIE_NAME: "shop_2" }).cookieName).toBe("shop_2");
  for (const COOKIE_NAME of ["__Host-x", "__secure-x", "a b", "a;b", "a=b", "x".repeat(51)])
    expect(problemsOf({ COOKIE_NAME })).toEqual([expect.stringMatching(/^COOKIE_NAME: must be letters/)]);
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
  const { rateLimits } = readConfig({ RATE_LIMITS: "login.ip=60/1m, register.ip=1000/1h" });
  expect(rateLimits["login.ip"]).toEqual({ points: 60, per: minutes(1) });
  expect(rateLimits["register.ip"]).toEqual({ points: 1000, per: hours(1) });
  expect(rateLimits["login.account"]).toEqual({ points: 5, per: minutes(15) });
  for (const RATE_LIMITS of [
    "login.ip",
    "login.ip=0/1m",
    "login.ip=60",
    "login=60/1m",
    "off",
    "login.ip=5/1y",
  ])
    expect(problemsOf({ RATE_LIMITS })).toEqual([expect.stringMatching(/^RATE_LIMITS: ".*must look like/)]);
});

test("limits may still have the names of an earlier version, which are known to be old", () => {
  const { rateLimits, renamedRateLimits } = readConfig({
    RATE_LIMITS: "login.address=60/1m,register.address=1/1h,reset.address=2/1h,secret.address=3/1h",
  });
  expect(rateLimits).toMatchObject({
    "login.ip": { points: 60, per: minutes(1) },
    "register.ip": { points: 1, per: hours(1) },
    "reset.ip": { points: 2, per: hours(1) },
    "secret.ip": { points: 3, per: hours(1) },
  });
  expect(Object.keys(rateLimits)).toEqual(Object.keys(readConfig({}).rateLimits));
  expect(renamedRateLimits).toEqual([
    "login.address is now login.ip",
    "register.address is now register.ip",
    "reset.address is now reset.ip",
    "secret.address is now secret.ip",
  ]);
  expect(readConfig({ RATE_LIMITS: "login.ip=60/1m" }).renamedRateLimits).toEqual([]);
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
        login: "https://api.example.com/account/login#token={token}&code={code}",
      },
    });
  });

  test("leads to a page of your own by LOGIN_URL, which must take the token and the code", () => {
    const own = "exampleapp://login?token={token}&code={code}";
    expect(readConfig({ LOGIN_URL: own }).mail.links.login).toBe(own);
    for (const wrong of ["https://app.example.com/login#token={token}", "javascript:{token}{code}"])
      expect(() => readConfig({ LOGIN_URL: wrong })).toThrow("LOGIN_URL: must contain {token} and {code}");
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
      greeting: "api.example.com",
      options: {},
    });
    const plain = {
      host: "mail.example.com",
      port: 587,
      isTlsFromStart: false,
      login: null,
      greeting: expect.any(String),
      options: {},
    };
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
    "smtp://mail.example.com/%zz#a",
  ])("SMTP_URL=%s is refused, and no password is told", (SMTP_URL) => {
    const [problem = ""] = problemsOf({ SMTP_URL: SMTP_URL.replace("://mail", "://user:hunter2@mail") });
    expect(problem).toMatch(/^SMTP_URL: must look like/);
    expect(problem).not.toContain("hunter2");
  });

  describe("another option of SMTP_URL", () => {
    test.each([
      "logger=true",
      "tls.rejectUnauthorized=false",
      "tls.ca=/etc/ssl/own.pem",
      "name=",
      "name=[127.0.0.1]",
      "name=a%0d%0aRSET",
      "name=a.example.com&name=b.example.com",
      "requireTLS=yes",
      "requireTLS",
      "tls.servername=a_b",
      "tls.minVersion=TLSv1",
      "authMethod=XOAUTH2",
      "localAddress=eth0",
      "host=other.example.com",
      "proxy=http://proxy.example.com",
      "starttls=required",
    ])(
      "SMTP_URL with the option %s is refused by a line that lists the options, and quotes nothing",
      (options) => {
        const SMTP_URL = `smtp://user:hunter2@mail.example.com?${options}`;
        expect(problemsOf({ SMTP_URL })).toEqual([
          "SMTP_URL: may have only these options behind the ?, each once and with a value that nodemailer takes: name, requireTLS, ignoreTLS, authMethod, localAddress, tls.servername, tls.minVersion",
        ]);
      },
    );
  });

  test("takes options of nodemailer, and greets with the host of PUBLIC_URL unless it is named", () => {
    const smtpOf = (SMTP_URL: string, environment: NodeJS.ProcessEnv = {}) =>
      readConfig({ SMTP_URL, ...environment }).mail.smtp;
    const all =
      "name=mx.example.com&requireTLS=true&authMethod=CRAM-MD5&localAddress=192.0.2.1&tls.servername=a.example.com&tls.minVersion=TLSv1.3";
    expect(smtpOf(`smtp://mail.example.com?${all}`)).toEqual({
      host: "mail.example.com",
      port: null,
      isTlsFromStart: false,
      isTlsRequired: true,
      login: null,
      greeting: "mx.example.com",
      options: {
        authMethod: "CRAM-MD5",
        localAddress: "192.0.2.1",
        tls: { servername: "a.example.com", minVersion: "TLSv1.3" },
      },
    });
    const greetingAt = (PUBLIC_URL: string) => smtpOf("smtp://localhost", { PUBLIC_URL })?.greeting;
    expect(
      ["https://api.example.com:8443", "http://192.0.2.7:4000", "http://[2001:db8::7]"].map(greetingAt),
    ).toEqual(["api.example.com", "[192.0.2.7]", "[IPv6:2001:db8::7]"]);
    const given = { ...production, MAIL_FROM: "a@example.com" };
    expect(smtpOf("smtp://mail.example.com?requireTLS=false", given)?.isTlsRequired).toBe(false);
    const ignored = smtpOf("smtp://mail.example.com?requireTLS=false&ignoreTLS=true", given);
    expect([ignored?.isTlsRequired, ignored?.options]).toEqual([false, { ignoreTLS: true }]);
    for (const url of ["smtp://mail.example.com?ignoreTLS=true", "smtps://mail.example.com?ignoreTLS=true"])
      expect(problemsOf({ ...given, SMTP_URL: url })).toEqual([
        "SMTP_URL: has ignoreTLS=true, but TLS is required: write requireTLS=false too, or take ignoreTLS away",
      ]);
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

describe("the times of connections", () => {
  test("are 65 s and none, 5 s before the end in production, or what is set", () => {
    expect(readConfig({})).toMatchObject({ keepAlive: 65_000, shutdownDelay: 0 });
    expect(readConfig({ NODE_ENV: "production" })).toMatchObject({ keepAlive: 65_000, shutdownDelay: 5_000 });
    expect(readConfig({ KEEP_ALIVE: "620s", SHUTDOWN_DELAY: "1m" })).toMatchObject({
      keepAlive: 620_000,
      shutdownDelay: 60_000,
    });
    expect(readConfig({ SHUTDOWN_DELAY: "0s" }).shutdownDelay).toBe(0);
  });

  test("have a unit and a bound", () => {
    for (const KEEP_ALIVE of ["65", "0s", "-1s", "61m", "2h", "1d", "soon", "1.5s", "65 s"])
      expect(problemsOf({ KEEP_ALIVE })).toEqual([
        "KEEP_ALIVE: must be a duration of at most 60m, such as 65s",
      ]);
    for (const SHUTDOWN_DELAY of ["5", "0", "6m", "301s", "1h"])
      expect(problemsOf({ SHUTDOWN_DELAY })).toEqual([
        "SHUTDOWN_DELAY: must be a duration of at most 5m, such as 5s",
      ]);
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
  const example = await readFile(join(import.meta.dirname, "../../.env.example"), "utf8");
  const known = Object.values(settings(false)).map(({ variable }) => variable);
  const shown = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(known.length).toBeGreaterThan(10);
  expect(shown).toEqual(known);
  expect(example, "npm run reference writes it").toBe(environmentExample());
});

test("what .env.example shows is taken, and each default is what holds without it", () => {
  for (const production of [true, false])
    for (const { variable, default: fallback, example } of Object.values(settings(production))) {
      const NODE_ENV = production ? "production" : "development";
      if (example !== null)
        expect(problemsOf({ NODE_ENV, [variable]: example, MAIL_FROM: "a@b.example" })).not.toContainEqual(
          expect.stringMatching(`^${variable}: must`),
        );
      if (fallback !== null)
        expect(readConfig({ [variable]: fallback, NODE_ENV })).toEqual(readConfig({ NODE_ENV }));
    }
});
