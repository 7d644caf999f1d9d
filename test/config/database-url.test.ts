import { userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { problemsOf } from "../harness/configuration.ts";

const read = (url: string, environment: NodeJS.ProcessEnv = {}) =>
  readConfig({ ...environment, DATABASE_URL: url }).connection;

const refusalOf = (url: string, environment: NodeJS.ProcessEnv = {}) =>
  problemsOf({ ...environment, DATABASE_URL: url }).join("\n");

const encode = "in the user, the password and the name, write @ as %40";

describe("the URL of a database", () => {
  test.each([
    [
      "postgres://u:p@db.example.com:6432/x",
      { host: "db.example.com", port: 6432, user: "u", password: "p" },
    ],
    ["postgresql://u:p@db.example.com/x", { port: 5432, database: "x" }],
    // A directory of sockets, with and without a host or a user before it.
    ["postgres:///x?host=/run/postgresql", { host: "/run/postgresql", database: "x" }],
    ["postgres://u@/x?host=/run/postgresql", { host: "/run/postgresql", user: "u", password: "" }],
    ["postgres://u:p@%2Frun%2Fpostgresql/x", { host: "/run/postgresql", password: "p" }],
    ["postgres://u:p@localhost/x?host=/run/postgresql&port=6432", { host: "/run/postgresql", port: 6432 }],
    // The last "@" without an escape ends the password.
    ["postgres://u:p@ss@db/x", { password: "p@ss", host: "db" }],
    ["postgres://u:p%40s%2Fs%3A%23%3F%25@db/x", { password: "p@s/s:#?%" }],
    ["postgres://u:a+b:c@db/x", { password: "a+b:c" }],
    ["postgres://db/x?user=u&password=a%26b", { user: "u", password: "a&b" }],
    [`postgres://u:p@db/it's "50%25" of%20it%2Fall`, { database: `it's "50%" of it/all` }],
    ["postgres://u:p@db", { database: "u" }],
    ["postgres://db", { user: userInfo().username, database: userInfo().username }],
    ["postgres://u:p@[::1]:6432/x", { host: "::1", port: 6432 }],
    ["postgres://u:p@[fe80::1%25eth0]/x", { host: "fe80::1%eth0" }],
    ["postgres://u:p@db/x?options=-c%20geqo%3Doff", { options: "-c geqo=off" }],
    ["postgres://u:p@db/x?application_name=us", { applicationName: "us" }],
  ])("%s", (url, expected) => {
    expect(read(url)).toMatchObject(expected);
  });

  test.each([
    ["postgres://u:p@h1:5432,h2:5433/x", "names several hosts; write one"],
    ["postgres://u:p@/x?host=h1,h2", "names several hosts; write one"],
    ["postgres://u:p@::1/x", "must have an IPv6 address in brackets"],
    ["postgres://u:p@db:99999/x", "must look like postgres://"],
    ["mysql://u:p@db/x", "must look like postgres://"],
    ["postgres://u:p@db/x?service=other", "has the parameter service; remove it"],
    [
      "postgres://u:p@db/x?target_session_attrs=read-write",
      "has the parameter target_session_attrs; remove it",
    ],
    ["postgres://u:p@db/x?sslmode=allow", "has a wrong sslmode; write one of disable, prefer, require"],
    ["postgres://u:p@db/x?ssl=maybe", "has a wrong ssl; write one of true"],
    [
      "postgres://u:p@db/x?sslmode=verify-full&sslrootcert=/nowhere",
      "names a file in sslrootcert that cannot be read",
    ],
    ["postgres://u:p@db/x?sslmode=verify-ca", "needs DATABASE_CA"],
    ["postgres://u:p@db/x?channel_binding=require", "needs sslmode=verify-full"],
    ["postgres://u:p@db/x?sslnegotiation=direct", "needs sslmode=verify-full"],
    // A zero would end the text, and begin a parameter of the startup packet.
    ["postgres://u%00options%00-c%20x:p@db/x", "must look like postgres://"],
  ])("%s is refused by a line that says what to write", (url, line) => {
    expect(refusalOf(url)).toMatch(/^DATABASE_URL: [^\n]+$/);
    expect(refusalOf(url)).toContain(line);
  });

  test("the direct one is read alike, and never alone", () => {
    const DATABASE_URL = "postgres://u:p@pooler/x";
    expect(readConfig({ DATABASE_URL, DATABASE_DIRECT_URL: "postgres://u:p@db/x" })).toMatchObject({
      connection: { host: "pooler" },
      directConnection: { host: "db" },
    });
    expect(problemsOf({ DATABASE_URL, DATABASE_DIRECT_URL: "postgres://u:p/ss@db/x" }).join()).toMatch(
      /^DATABASE_DIRECT_URL: must look like/,
    );
    expect(problemsOf({ DATABASE_DIRECT_URL: "postgres://u:p@db/x" })).toEqual([
      "DATABASE_DIRECT_URL: is set, but DATABASE_URL is not; set both, or neither",
    ]);
  });
});

describe("a replica", () => {
  const DATABASE_URL = "postgres://u:p@db/x";

  test("has a URL that is read like the others, and never alone", () => {
    expect(readConfig({ DATABASE_URL, DATABASE_REPLICA_URL: "postgres://u:p@replica/x" })).toMatchObject({
      replicaConnection: { host: "replica" },
      replicaLag: 200,
    });
    expect(problemsOf({ DATABASE_REPLICA_URL: "postgres://u:p@replica/x" })).toEqual([
      "DATABASE_REPLICA_URL: is set, but DATABASE_URL is not; set both, or neither",
    ]);
  });

  test("may be behind by as much as a list can wait", () => {
    for (const [text, lag] of [
      ["10ms", 10],
      ["1000ms", 1000],
      ["1s", 1000],
    ] as const)
      expect(readConfig({ DATABASE_URL, REPLICA_LAG: text }).replicaLag).toBe(lag);
    for (const REPLICA_LAG of ["9ms", "1001ms", "2s", "200", "0ms", "1.5s"])
      expect(problemsOf({ DATABASE_URL, REPLICA_LAG })).toEqual([
        "REPLICA_LAG: must be 10ms to 1s, such as 200ms: a list waits so long before the primary answers",
      ]);
  });
});

describe("a URL that cannot be read", () => {
  test.each([
    "postgres://u:hun/terzz@db/x",
    "postgres://u:hun@te/rzz@db/x",
    "postgres://u:12/hunterzz@db/x",
    "postgres://u:hun?terzz@db/x",
    "postgres://u:1?hunterzz=1@db/x",
    "postgres://u:hun#terzz@db/x",
    "postgres://u:hun%terzz@db/x",
    "postgres://u:hun[terzz@db/x@",
    "postgres://u:p@db:hunterzz/x",
    "postgres://u:p@db/x?sslmode=hunterzz",
    "hunterzz",
  ])("is repeated in no part: %s", (url) => {
    const line = refusalOf(url);
    expect(line).toMatch(/^DATABASE_URL: [^\n]+$/);
    for (const part of ["hun", "rzz"]) expect(line).not.toContain(part);
  });

  test("a password with a reserved character is refused by a line that says how to write it", () => {
    expect(refusalOf("postgres://u:p/ss@db/x")).toContain(encode);
    expect(refusalOf("postgres://u:100%@db/x")).toContain("and % as %25");
  });
});

describe("variables of PostgreSQL's clients", () => {
  test("complete what the URL leaves out, and are named with the database", () => {
    const variables = { PGHOST: "db", PGPORT: "6432", PGUSER: "u", PGPASSWORD: "p", PGSSLMODE: "require" };
    expect(read("postgres:///x", variables)).toMatchObject({
      host: "db",
      port: 6432,
      user: "u",
      password: "p",
      sslMode: "require",
      variables: ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGSSLMODE"],
    });
    expect(read("postgres://u:p@db:5432/x?sslmode=disable", variables)?.variables).toEqual([]);
  });

  test("are refused by their own name", () => {
    expect(refusalOf("postgres:///x", { PGHOST: "h1,h2" })).toMatch(/^PGHOST: names several hosts/);
    expect(refusalOf("postgres:///x", { PGPORT: "http" })).toBe("PGPORT: must be a port number");
    expect(refusalOf("postgres://db/x", { PGSSLMODE: "allow" })).toMatch(
      /^PGSSLMODE: must be one of disable/,
    );
  });

  test("change nothing of a Unix socket's encryption, which does not exist", () => {
    expect(read("postgres:///x?host=/run", { PGSSLMODE: "require" })).toMatchObject({
      ssl: false,
      variables: [],
    });
  });
});

describe("the authority of the database's certificate", () => {
  test("must be a certificate", () => {
    for (const DATABASE_CA of [
      "/nowhere.pem",
      "package.json",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ])
      expect(refusalOf("postgres://db/x?sslmode=require", { DATABASE_CA })).toBe(
        "DATABASE_CA: needs the path of a PEM file with certificates, or their PEM text",
      );
  });
});
