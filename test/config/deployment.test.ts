import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { findMismatches } from "../../src/config/review/mismatches.ts";
import { reviewDeployment } from "../../src/config/review.ts";
import { problemsOf, production, safe, strongSecret } from "../harness/configuration.ts";
import { createDatabase } from "../harness/database/database.ts";
import { createRole } from "../harness/database/roles.ts";
import { graphward } from "../harness/process.ts";
import { type App, startApp } from "../harness/server.ts";
import { enrolTotp } from "../harness/sign-in/second-factors.ts";

describe("in production the start is refused", () => {
  test("without a secret that every server of a database shares, and without a public address", () => {
    expect(problemsOf({ NODE_ENV: "production", DATABASE_URL: production.DATABASE_URL })).toEqual([
      "SESSION_SECRET: is required in production with DATABASE_URL",
      "AUDIT_KEY: is required in production with DATABASE_URL",
      "PUBLIC_URL: is required in production with DATABASE_URL",
    ]);
    expect(problemsOf(production)).toEqual([]);
    for (const SESSION_SECRET of [",", " , "])
      expect(problemsOf({ ...production, SESSION_SECRET })).toEqual(["SESSION_SECRET: holds no secret"]);
  });

  const refusalsOf = (secret: string) =>
    ["SESSION_SECRET", "AUDIT_KEY"].map((name) => problemsOf({ ...production, [name]: secret }).join());
  const refusedBoth = (text: string) =>
    ["SESSION_SECRET", "AUDIT_KEY"].map((name) => expect.stringMatching(`^${name}: ${text}`));

  test("with nothing before or behind a comma, as where the shell does not know the old secret", () => {
    for (const secret of [`${strongSecret},`, `,${strongSecret}`, `${strongSecret}, ,${strongSecret}`]) {
      expect(refusalsOf(secret)).toEqual(refusedBoth("has nothing before or behind a comma: write the old"));
      // The secret that development keeps in DATA_DIR would be lost too.
      expect(problemsOf({ SESSION_SECRET: secret })).toEqual([
        expect.stringMatching("^SESSION_SECRET: has nothing before or behind a comma"),
      ]);
    }
  });

  test("with a secret of less than 32 bytes, be it one of several", () => {
    for (const secret of ["short", strongSecret.slice(0, 31), `${strongSecret},${strongSecret.slice(0, 31)}`])
      expect(refusalsOf(secret)).toEqual(refusedBoth("each secret must have at least 32 bytes"));
    expect(problemsOf({ ...production, SESSION_SECRET: strongSecret.slice(0, 32) })).toEqual([]);
  });

  test("with a secret that stands in examples, be it one of several", () => {
    for (const sample of [
      "keyboard cat",
      "change-me-",
      "ChangeMe",
      "change_me",
      "your-secret",
      "yoursecret",
      "graphward-session",
      "QWERTY",
      "example",
      "PASSWORD",
      "0123456789abcdef",
      "xxxxxxxxxxxxxxxx",
    ])
      for (const secret of [`${strongSecret}${sample}`, `${strongSecret},${strongSecret}${sample}`])
        expect([sample, ...refusalsOf(secret)]).toEqual([sample, ...refusedBoth("looks like a sample")]);
  });

  test("with a secret of a few characters over and over, or in a row", () => {
    for (const secret of [
      "ab".repeat(20),
      "1234567".repeat(5),
      "25173641527364125736412753614275361",
      `${strongSecret},${"abc".repeat(12)}`,
      "wertzuio".repeat(4),
      `${"m9#Kx2!pQv7@".repeat(3)}m9#`,
      "abcdefghijklmnopqrstuvwxyzabcdefgh",
      "zyxwvutsrqponmlkjihgfedcba9876543210",
    ])
      expect(refusalsOf(secret)).toEqual(refusedBoth("looks like a sample"));
    // As `openssl rand -hex 16` makes them.
    for (let count = 0; count < 1000; count += 1)
      expect(problemsOf({ ...production, SESSION_SECRET: randomBytes(16).toString("hex") })).toEqual([]);
  });
});

test("the start takes proxies of private ranges, and of what networks in front of servers publish", () => {
  for (const TRUST_PROXY of [
    ...["0", "9", "loopback,uniquelocal", "192.0.2.7", "2001:db8::7", "10.0.0.0/8", "10.0.0.0/255.0.0.0"],
    ...["172.16.0.0/12", "172.20.0.0/14", "192.168.1.0/24", "100.64.0.0/10", "fc00::/7", "fd12::/16"],
    ...["104.16.0.0/13", "104.16.0.0/12", "2600:9000::/28", "2a00::/24", "::ffff:10.0.0.0/104"],
  ])
    expect([TRUST_PROXY, ...problemsOf({ TRUST_PROXY })]).toEqual([TRUST_PROXY]);
});

test("the start is refused with proxies of a range that clients may be in, however it is written", () => {
  for (const TRUST_PROXY of [
    "0.0.0.0/0",
    "::/0",
    "0.0.0.0/0.0.0.0",
    "0.0.0.0/1,128.0.0.0/1",
    "10.0.0.1, 8.0.0.0/7",
    "128.0.0.0/128.0.0.0",
    "::/1",
    "2000::/3",
    "fc00::/6",
    "::ffff:0:0/96",
    "::ffff:10.0.0.0/103",
    "11.0.0.0/8",
    "172.0.0.0/8",
    "64.0.0.0/11",
    "10.0.0.1,2000::/7",
    "2a00::/23",
    "10",
    "99",
  ])
    expect([TRUST_PROXY, ...problemsOf({ TRUST_PROXY })]).toEqual([
      TRUST_PROXY,
      expect.stringMatching(/^TRUST_PROXY: must be a number of hops, at most 9, or /),
    ]);
});

const findingsOf = (environment: NodeJS.ProcessEnv) =>
  reviewDeployment(readConfig(environment)).map(({ severity, name }) => `${severity} ${name}`);

describe("a review of the settings", () => {
  test("has nothing to say of a safe deployment", () => {
    expect(findingsOf(safe)).toEqual([]);
  });

  test.each<[what: string, change: NodeJS.ProcessEnv, name: string]>([
    ["http", { PUBLIC_URL: "http://api.example.com" }, "PUBLIC_URL"],
    ["no trusted proxy where one stands before us", { TRUST_PROXY: "0" }, "TRUST_PROXY"],
    ["the explorer", { EXPLORER: "on" }, "EXPLORER"],
    ["introspection", { INTROSPECTION: "on" }, "INTROSPECTION"],
    ["a database without TLS", { DATABASE_URL: "postgres://u:p@db.internal/x" }, "DATABASE_URL"],
    ...[
      "sslmode=prefer",
      "sslmode=disable",
      "sslmode=require&sslmode=disable",
      "ssl=0",
      // TLS with whoever answers.
      "sslmode=no-verify",
      "ssl=no-verify",
    ].map((query): [what: string, change: NodeJS.ProcessEnv, name: string] => [
      `a database by ${query}`,
      { DATABASE_URL: `postgres://u:p@db.internal/x?${query}` },
      "DATABASE_URL",
    ]),
    [
      "a database elsewhere by the second of two",
      { DATABASE_URL: "postgres://u:p@localhost/x?host=localhost&host=db.internal" },
      "DATABASE_URL",
    ],
    [
      "a direct way to the database without TLS",
      { DATABASE_DIRECT_URL: "postgres://u:p@db.internal/x" },
      "DATABASE_DIRECT_URL",
    ],
    [
      "a replica of the database without TLS",
      { DATABASE_REPLICA_URL: "postgres://u:p@replica.internal/x" },
      "DATABASE_REPLICA_URL",
    ],
    ["any certificate", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }, "NODE_TLS_REJECT_UNAUTHORIZED"],
    [
      "a database elsewhere by a name that looks local",
      { DATABASE_URL: "postgres://u:p@127.example.com/x" },
      "DATABASE_URL",
    ],
    [
      "a database elsewhere by its query",
      { DATABASE_URL: "postgres://u:p@localhost/x?host=db.internal" },
      "DATABASE_URL",
    ],
    [
      "http origins",
      { ALLOWED_ORIGINS: "http://app.example.com,https://app.example.com" },
      "ALLOWED_ORIGINS",
    ],
    ["an http origin", { ALLOWED_ORIGINS: "http://app.example.com" }, "ALLOWED_ORIGINS"],
    [
      "mail with TLS if the server likes",
      { SMTP_URL: "smtp://mail.example.com?starttls=optional" },
      "SMTP_URL",
    ],
    [
      "http links in mail",
      { RESET_URL: "http://a.example/{token}" },
      "VERIFY_URL, RESET_URL, EMAIL_CHANGE_URL, LOGIN_URL",
    ],
    [
      "http links in capitals",
      { VERIFY_URL: "HTTP://a.example/{token}" },
      "VERIFY_URL, RESET_URL, EMAIL_CHANGE_URL, LOGIN_URL",
    ],
    [
      "passwords asked about over http",
      { BREACHED_PASSWORDS_URL: "http://breaches.example/range/" },
      "BREACHED_PASSWORDS_URL",
    ],
    ["one secret for two purposes", { AUDIT_KEY: strongSecret }, "AUDIT_KEY"],
    ["one more try at an account", { RATE_LIMITS: "login.account=6/15m" }, "RATE_LIMITS"],
    ["tries at an account in shorter time", { RATE_LIMITS: "login.device=5/14m" }, "RATE_LIMITS"],
    ["more mails to one address", { RATE_LIMITS: "mail.account=4/1d" }, "RATE_LIMITS"],
  ])("finds an error in production: %s", (_what, change, name) => {
    expect(findingsOf({ ...safe, ...change })).toEqual([`error ${name}`]);
  });

  test.each<[what: string, change: NodeJS.ProcessEnv, names: readonly string[]]>([
    ["registration by whoever made up an address", { REGISTRATION: "open" }, ["REGISTRATION"]],
    ["mail that nobody gets", { SMTP_URL: "" }, ["SMTP_URL"]],
    ["connections that end before those of a proxy", { KEEP_ALIVE: "60s" }, ["KEEP_ALIVE"]],
    ["an end that no balancer can see", { SHUTDOWN_DELAY: "0s" }, ["SHUTDOWN_DELAY"]],
    ["origins of a whole domain", { ALLOWED_ORIGINS: "https://*.preview.example.com" }, ["ALLOWED_ORIGINS"]],
    ["a log that tells nothing", { LOG_LEVEL: "silent" }, ["LOG_LEVEL"]],
    ["a log of errors alone", { LOG_LEVEL: "error" }, ["LOG_LEVEL"]],
    ["an audit trail of a few days", { AUDIT_RETENTION: "29d" }, ["AUDIT_RETENTION"]],
    ["more proxies than stand in a row", { TRUST_PROXY: "4" }, ["TRUST_PROXY"]],
    [
      "a database of one machine, with its secrets beside it",
      { DATABASE_URL: "", AUDIT_KEY: "" },
      ["DATABASE_URL", "AUDIT_KEY"],
    ],
    ["more from one address, which many may share", { RATE_LIMITS: "login.ip=31/1m" }, ["RATE_LIMITS"]],
    [
      "a document limit that lets one request cause much work",
      { DOCUMENT_LIMITS: "root=31" },
      ["DOCUMENT_LIMITS"],
    ],
    ["an old name of a limit", { RATE_LIMITS: "login.address=10/1m" }, ["RATE_LIMITS"]],
  ])("warns of what may be meant: %s", (_what, change, names) => {
    expect(findingsOf({ ...safe, ...change })).toEqual(names.map((name) => `warning ${name}`));
  });

  test("has nothing against what never leaves the machine, stricter limits, or registration with proof", () => {
    for (const change of [
      ...["localhost", "127.0.0.1", "127.8.0.1", "[::1]"].map((host) => ({
        DATABASE_URL: `postgres://u:p@${host}/x`,
      })),
      ...[
        "localhost/x?host=/run/postgresql",
        "%2Frun%2Fpostgresql/x",
        "db.internal/x?sslmode=verify-full",
      ].map((rest) => ({ DATABASE_URL: `postgres://u:p@${rest}` })),
      { NODE_TLS_REJECT_UNAUTHORIZED: "1" },
      ...["smtp://mail.example.com", "smtp://127.0.0.1", "smtp://[::1]"].map((SMTP_URL) => ({ SMTP_URL })),
      { BREACHED_PASSWORDS_URL: "https://breaches.example/range/" },
      { BREACHED_PASSWORDS_URL: "http://127.0.0.1:8080/range/" },
      { RATE_LIMITS: "login.account=4/15m,login.ip=10/2m,mail.account=3/2h" },
      { REGISTRATION: "open", REQUIRE_VERIFIED_EMAIL: "on" },
      { TRUST_PROXY: "3" },
      { KEEP_ALIVE: "61s", SHUTDOWN_DELAY: "1s" },
      { DOCUMENT_LIMITS: "root=30,aliases=40,depth=5" },
    ])
      expect([change, findingsOf({ ...safe, ...change })]).toEqual([change, []]);
  });

  test("warns, elsewhere than in production, of what would be an error or stop the start there", () => {
    expect(
      findingsOf({
        ALLOWED_ORIGINS: "http://localhost:5173",
        SESSION_SECRET: "short",
        AUDIT_KEY: "keyboard cat keyboard cat keyboard cat",
        RATE_LIMITS: "login.account=1000/1s",
      }),
    ).toEqual([
      "warning NODE_ENV",
      "warning PUBLIC_URL",
      "warning EXPLORER",
      "warning INTROSPECTION",
      // Short, and of few characters.
      "warning SESSION_SECRET",
      "warning SESSION_SECRET",
      "warning AUDIT_KEY",
      "warning RATE_LIMITS",
    ]);
  });
});

test("a setting that the operator wrote and that does not go with the others is a warning", () => {
  const mismatchesOf = (environment: NodeJS.ProcessEnv) =>
    findMismatches(readConfig(environment), environment).map(
      ({ severity, name, text }) => `${severity} ${name}: ${text}`,
    );
  expect(mismatchesOf(safe)).toEqual([]);
  const idle = {
    HASHES_AT_ONCE: "7",
    WORKERS: "2",
    METRICS_HOST: "127.0.0.1",
    REDIS_PREFIX: "graphward",
    REPLICA_LAG: "200ms",
    PASSKEYS: "off",
    PASSKEY_RP_ID: "example.com",
    ALLOWED_ORIGINS: "https://app.example.com",
  };
  expect(mismatchesOf({ ...safe, ...idle })).toEqual([
    "warning ALLOWED_ORIGINS: lacks https://api.example.com, the origin of PUBLIC_URL: its own pages fail in browsers that send no Sec-Fetch-Site",
    "warning HASHES_AT_ONCE: is more than 3 for each process of WORKERS: the rest changes nothing",
    "warning METRICS_HOST: changes nothing without METRICS_PORT",
    "warning REDIS_PREFIX: changes nothing without REDIS_URL",
    "warning REPLICA_LAG: changes nothing without DATABASE_REPLICA_URL",
    "warning PASSKEY_RP_ID: changes nothing while passkeys are off",
  ]);
  expect(
    mismatchesOf({
      ...safe,
      ...idle,
      WORKERS: "3",
      METRICS_PORT: "9464",
      REDIS_URL: "rediss://:p@redis.example.com",
      DATABASE_REPLICA_URL: "postgres://u:p@replica.example.com/x?sslmode=verify-full",
      PASSKEYS: "on",
      ALLOWED_ORIGINS: "https://app.example.com,https://api.example.com",
    }),
  ).toEqual([]);
});

describe("graphward check", () => {
  const check = (environment: NodeJS.ProcessEnv) => graphward(["check"], { environment });

  test("fails on an error, and not on a warning", async () => {
    const dataDir = join(tmpdir(), `graphward-${randomBytes(6).toString("hex")}`);
    const alone = { ...safe, DATABASE_URL: "", DATA_DIR: dataDir };
    const warned = await check(alone);
    expect(warned).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^warning DATABASE_URL: .*\n$/),
    });
    const unsafe = await check({ ...alone, PUBLIC_URL: "http://api.example.com", EXPLORER: "on" });
    expect(unsafe.status).toBe(1);
    expect(unsafe.stdout).toMatch(/^error {3}PUBLIC_URL: .*\nerror {3}EXPLORER: /);
    const weak = await check({ ...alone, SESSION_SECRET: "short" });
    expect([weak.status, weak.stderr]).toEqual([1, expect.stringContaining("SESSION_SECRET: each secret")]);
    // Nothing was made to look at.
    expect(existsSync(dataDir)).toBe(false);
  });

  test("names variables that are called nearly like a setting, and no others", async () => {
    const alone = { ...safe, DATABASE_URL: "", DATA_DIR: join(tmpdir(), "nothing-is-made-here") };
    const others = {
      HOSTS: "a",
      HTTP_PROXY: "b",
      GRAPHWARD_PORT: "c",
      LOGNAME: "d",
      POSTGRES_PORT: "e",
      MAIL: "f",
    };
    const misspelt = { RATE_LIMIT: "a", TRUSTED_PROXY: "b", SMTP_URI: "c", SESSION_SECRETS_FILE: "d" };
    const { stdout } = await check({ ...alone, ...others, ...misspelt });
    expect(stdout.split("\n").filter((line) => line.includes("is not a setting"))).toEqual([
      "warning RATE_LIMIT: is not a setting, so it changes nothing: RATE_LIMITS is one",
      "warning TRUSTED_PROXY: is not a setting, so it changes nothing: TRUST_PROXY is one",
      "warning SMTP_URI: is not a setting, so it changes nothing: SMTP_URL is one",
      "warning SESSION_SECRETS_FILE: is not a setting, so it changes nothing: SESSION_SECRET_FILE is one",
    ]);
  });

  test("counts administrators without a second factor, factors of a lost secret, and users that lose their way in", async () => {
    const app = await startApp({ SESSION_SECRET: safe.SESSION_SECRET });
    try {
      await app.database
        .insertInto("roles")
        .values({ name: "SUPPORT", permissions: ["users:read"] })
        .execute();
      const [admin, , other] = [
        await app.createUser({ username: "ada", email: "ada@example.org", roles: ["ADMIN"] }),
        await app.createUser({ username: "sue", roles: ["SUPPORT"] }),
        await app.createUser({ username: "mary", roles: ["HOLDER"] }),
      ];
      // Here they are hashed at the lowest costs, which the command finds too.
      const ofCheapHashes = /^warning password hashes: .*\n/m;
      const found = async (environment: NodeJS.ProcessEnv = {}) => {
        const { stdout } = await check({
          ...safe,
          DATABASE_URL: app.config.databaseUrl ?? "",
          ...environment,
        });
        return stdout.replace(ofCheapHashes, "") || "No problems found.\n";
      };
      const unprotected = (count: number) =>
        `warning SECOND_FACTOR: administrators without a second factor: ${count}; a stolen password is enough to act as one\n`;
      expect(await found()).toBe(unprotected(2));
      await enrolTotp(app, admin);
      expect(await found()).toBe(unprotected(1));
      await app.database
        .updateTable("users")
        .set({ is_active: false })
        .where("username", "=", "sue")
        .execute();
      const replaced = randomBytes(32).toString("hex");
      expect(
        await found({
          SECOND_FACTOR: "ADMIN,SUPPORT,HOLDER",
          SESSION_SECRET: `${replaced},${safe.SESSION_SECRET}`,
        }),
      ).toBe("No problems found.\n");
      expect(await found({ SECOND_FACTOR: "ADMIN,SUPORT", SESSION_SECRET: replaced })).toBe(
        [
          "warning SESSION_SECRET: authenticator apps sealed under a secret that is not listed: 1; their codes are refused until it is listed again\n",
          "error   SECOND_FACTOR: names the role SUPORT, which does not exist: nobody is asked because of it\n",
        ].join(""),
      );
      await addPasskey(app, other);
      expect(await found({ PASSWORD_LOGIN: "off" })).toBe(
        "warning PASSWORD_LOGIN: is off, and users without another way to log in: 1\n",
      );
    } finally {
      await app.close();
    }
  });

  test("fails where a start is refused by the database, and says what to run where it lacks tables", async () => {
    const [app, other, empty] = [
      await startApp(),
      await createDatabase(),
      await createDatabase({ empty: true }),
    ];
    const role = await createRole();
    try {
      const url = app.config.databaseUrl ?? "";
      const found = async (environment: NodeJS.ProcessEnv) => {
        const { status, stdout } = await check({ ...safe, ...environment });
        return `${status} ${stdout}`;
      };
      const missing = new URL(url);
      missing.pathname = "/nothing";
      expect(await found({ DATABASE_URL: missing.href })).toMatch(
        /^1 error {3}DATABASE_URL: The database at .* refuses the connection: database "nothing" does not exist\n$/,
      );
      expect(await found({ DATABASE_URL: url, DATABASE_DIRECT_URL: other.url })).toMatch(
        /^1 error {3}DATABASE_URL: DATABASE_DIRECT_URL leads to another database /,
      );
      expect(await found({ DATABASE_URL: empty.url })).toMatch(
        /^0 warning database: lacks tables of this version, so users, .* were not checked: run graphward migrate\n$/,
      );
      expect(await found({ DATABASE_URL: role.urlFor(url) })).toMatch(
        new RegExp(
          `^1 error {3}database: The role ${role.name} lacks rights on the schema .* Run graphward migrate --grant-to ${role.name} as the owner of the tables\\.\n$`,
        ),
      );
    } finally {
      await app.close();
      await other.drop();
      await empty.drop();
      await role.drop();
    }
  });

  test("says that it could not look at them, without the database's password", async () => {
    const { status, stdout } = await check({ ...safe, DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/x" });
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^warning DATABASE_URL: users, with their password hashes and second factors, were not checked: .*\n$/,
      ),
    ]);
    expect(stdout).not.toContain("hunter2");
  });
});

const addPasskey = (app: App, { id }: { readonly id: string }) =>
  app.database
    .insertInto("passkeys")
    .values({
      id: crypto.randomUUID(),
      user_id: id,
      credential_id: Buffer.from(id),
      public_key: Buffer.from("a key"),
      user_handle: Buffer.from("a handle"),
      backed_up: false,
      backup_eligible: false,
      name: "a key",
    })
    .execute();
