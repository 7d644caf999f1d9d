import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError, readConfig } from "../src/config.ts";
import { reviewDeployment } from "../src/deployment-review.ts";
import { days } from "../src/time.ts";

const problemsOf = (environment: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
};

const strong = "k3wQ9vXzLrT7mB2nYpD5sHc8JfG4aEuW1oVi6tRx";
const production = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://graphward:pw@db.internal/graphward?sslmode=verify-full",
  SESSION_SECRET: strong,
  AUDIT_KEY: "Zp8Qw1-mN4bV7xC2-aS5dF9gH3-jK6lR0tY",
  PUBLIC_URL: "https://api.example.com",
};

test("every wrong value is told at once, by name", () => {
  const problems = problemsOf({
    PORT: "http",
    DATABASE_URL: "mysql://localhost/x",
    PUBLIC_URL: "https://example.com/path",
    ALLOWED_ORIGINS: "https://a.example,nonsense",
    TRUST_PROXY: "all",
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

test("proxies may be named, never all of them", () => {
  expect(readConfig({ TRUST_PROXY: "2" }).trustProxy).toBe(2);
  expect(readConfig({ TRUST_PROXY: "10.0.0.0/8, 192.168.1.1" }).trustProxy).toEqual([
    "10.0.0.0/8",
    "192.168.1.1",
  ]);
  for (const TRUST_PROXY of ["true", "0.0.0.0/0", "::/0", "-1", "proxy"])
    expect(problemsOf({ TRUST_PROXY })).toHaveLength(1);
});

describe("in production", () => {
  test("an external database needs a secret and a public address", () => {
    expect(problemsOf({ NODE_ENV: "production", DATABASE_URL: production.DATABASE_URL })).toEqual([
      "SESSION_SECRET: is required in production with DATABASE_URL",
      "AUDIT_KEY: is required in production with DATABASE_URL",
      "PUBLIC_URL: is required in production with DATABASE_URL",
    ]);
    expect(problemsOf(production)).toEqual([]);
  });

  test.each([
    "short",
    "keyboard cat keyboard cat keyboard cat",
    "change-me-change-me-change-me-change-me",
    "x".repeat(40),
    `${strong},short`,
    `${strong},keyboard cat keyboard cat keyboard cat`,
    strong.slice(0, 31),
  ])("the secret %j is refused", (SESSION_SECRET) => {
    expect(problemsOf({ ...production, AUDIT_KEY: SESSION_SECRET })).toEqual([
      expect.stringMatching(/^AUDIT_KEY: (?:each|looks)/),
    ]);
    expect(problemsOf({ ...production, SESSION_SECRET })).toEqual([
      expect.stringMatching(/^SESSION_SECRET: (?:each|looks)/),
    ]);
    expect(problemsOf({ SESSION_SECRET })).toEqual([]);
  });

  test("without an external database neither a secret nor a public address is needed", () => {
    expect(problemsOf({ NODE_ENV: "production" })).toEqual([]);
    expect(problemsOf({ DATABASE_URL: production.DATABASE_URL })).toEqual([]);
  });

  test("the explorer and introspection are off, and the server is reachable from outside", () => {
    expect(readConfig(production)).toMatchObject({ explorer: false, introspection: false, host: "0.0.0.0" });
    expect(readConfig({})).toMatchObject({ explorer: true, introspection: true, host: "127.0.0.1" });
  });

  test("a review finds what an operator would regret", () => {
    const errorsOf = (environment: NodeJS.ProcessEnv) =>
      reviewDeployment(readConfig(environment))
        .filter(({ severity }) => severity === "error")
        .map(({ name }) => name);
    expect(errorsOf({ ...production, TRUST_PROXY: "1" })).toEqual([]);
    expect(
      errorsOf({ ...production, PUBLIC_URL: "http://api.example.com", EXPLORER: "on", INTROSPECTION: "on" }),
    ).toEqual(["PUBLIC_URL", "EXPLORER", "INTROSPECTION"]);
    expect(errorsOf({ ...production, DATABASE_URL: "postgres://u:p@db.internal/x" })).toEqual([
      "DATABASE_URL",
    ]);
    expect(errorsOf({ ...production, DATABASE_URL: "postgres://u:p@db.internal/x?sslmode=prefer" })).toEqual([
      "DATABASE_URL",
    ]);
    expect(errorsOf({ ...production, DATABASE_URL: "postgres://u:p@127.example.com/x" })).toEqual([
      "DATABASE_URL",
    ]);
    for (const host of ["localhost", "127.0.0.1", "127.8.0.1", "[::1]"])
      expect(errorsOf({ ...production, DATABASE_URL: `postgres://u:p@${host}/x` })).toEqual([]);
    expect(errorsOf({ ...production, ALLOWED_ORIGINS: "http://app.example.com" })).toEqual([
      "ALLOWED_ORIGINS",
    ]);
  });

  test("a review warns of what may be meant", () => {
    const namesOf = (environment: NodeJS.ProcessEnv) =>
      reviewDeployment(readConfig(environment)).map(({ severity, name }) => `${severity} ${name}`);
    expect(namesOf(production)).toEqual(["warning TRUST_PROXY"]);
    expect(namesOf({ NODE_ENV: "production", PUBLIC_URL: "https://a.example", TRUST_PROXY: "1" })).toEqual([
      "warning DATABASE_URL",
    ]);
    expect(namesOf({ ALLOWED_ORIGINS: "http://localhost:5173" })).toEqual([
      "warning NODE_ENV",
      "warning PUBLIC_URL",
      "warning EXPLORER",
      "warning INTROSPECTION",
    ]);
  });
});

test("an empty value is an unset one", () => {
  expect(readConfig({ PORT: "", DATABASE_URL: "", PUBLIC_URL: "" })).toMatchObject({
    port: 4000,
    databaseUrl: null,
  });
});

test(".env.example names every variable, and nothing else", async () => {
  const root = join(import.meta.dirname, "..");
  const source = await readFile(join(root, "src/config.ts"), "utf8");
  const example = await readFile(join(root, ".env.example"), "utf8");
  const read = new Set([...source.matchAll(/^ {4}([A-Z_]+): /gm)].map(([, name]) => name));
  const shown = new Set([...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name));
  expect(read.size).toBeGreaterThan(10);
  expect(shown).toEqual(read);
});
