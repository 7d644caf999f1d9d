import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigurationError, readConfig, settings } from "../../src/config/config.ts";
import { problemsOf, production, strongSecret } from "../harness/configuration.ts";
import { graphward } from "../harness/process.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-secrets-"));
});
afterAll(() => rm(directory, { recursive: true }));

const file = async (name: string, text: string): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
};

const { SESSION_SECRET, AUDIT_KEY, DATABASE_URL, ...withoutSecrets } = production;

describe("a secret in a file", () => {
  test("is read like one of the environment, without the line ends behind it: each secret that there is", async () => {
    const written = {
      SESSION_SECRET,
      AUDIT_KEY,
      DATABASE_URL,
      DATABASE_DIRECT_URL: DATABASE_URL,
      DATABASE_REPLICA_URL: DATABASE_URL,
      SMTP_URL: "smtps://user:a%20b@mail.example.com",
      REDIS_URL: "rediss://user:a%20b@redis.example.com",
    };
    const secrets = Object.values(settings(true)).flatMap(({ variable, isSecret }) =>
      isSecret ? [variable] : [],
    );
    expect(secrets.toSorted()).toEqual(Object.keys(written).toSorted());

    const rest = { ...withoutSecrets, MAIL_FROM: "a@example.com" };
    const inFiles: NodeJS.ProcessEnv = { ...rest };
    for (const [name, text] of Object.entries(written))
      inFiles[`${name}_FILE`] = await file(name, `${text}\r\n\n`);
    const read = readConfig(inFiles);
    expect(JSON.stringify(read)).toBe(JSON.stringify(readConfig({ ...rest, ...written })));
    expect(read).toMatchObject({ sessionSecrets: [SESSION_SECRET], auditKeys: [AUDIT_KEY] });
  });

  test("keeps its spaces, and a line end within it", async () => {
    const schema = z.object({ KEY: z.string() });
    const KEY_FILE = await file("key", " first\nsecond \n");
    expect(readConfig({ KEY_FILE }, schema).applicationSettings).toEqual({ KEY: " first\nsecond " });
  });

  test("is refused beside one in the environment, when it cannot be read, and when it is empty", async () => {
    const empty = await file("empty", "\n");
    const { AUDIT_KEY: _, ...rest } = production;
    expect(
      problemsOf({ ...rest, SESSION_SECRET_FILE: empty, AUDIT_KEY_FILE: join(directory, "missing") }),
    ).toEqual([
      "SESSION_SECRET_FILE: is set, and SESSION_SECRET too; set one of them",
      "AUDIT_KEY_FILE: must be the path of a file that can be read",
    ]);
    // Without this, the built-in database would start.
    expect(problemsOf({ DATABASE_URL_FILE: empty })).toEqual(["DATABASE_URL_FILE: names an empty file"]);
    expect(problemsOf({ DATABASE_URL_FILE: directory })).toEqual([
      "DATABASE_URL_FILE: must be the path of a file that can be read",
    ]);
  });

  test("is never quoted, nor is what stands in the place of its path", async () => {
    const weak = "k3wQ9vXzLrT7";
    const SMTP_URL_FILE = await file("smtp", `nonsense ${strongSecret}`);
    const problems = problemsOf({
      ...withoutSecrets,
      DATABASE_URL,
      SMTP_URL_FILE,
      MAIL_FROM: "a@example.com",
      SESSION_SECRET_FILE: strongSecret,
      AUDIT_KEY_FILE: await file("weak", weak),
    });
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "AUDIT_KEY",
      "SMTP_URL",
      "SESSION_SECRET_FILE",
    ]);
    expect(problems.join()).not.toMatch(new RegExp(`${strongSecret}|${weak}`));
  });

  test("of a setting that is none is not read: NAME_FILE of the operator's own programs means nothing here", () => {
    expect(problemsOf({ PORT_FILE: "/missing", LOG_FILE: "/missing" })).toEqual([]);
  });
});

describe("an application's setting", () => {
  test("may stand in a file, unless the application has a setting of that name", async () => {
    const path = await file("payments", "from the file\n");
    const schema = z.object({ PAYMENTS_KEY: z.string() });
    expect(readConfig({ PAYMENTS_KEY_FILE: path }, schema).applicationSettings).toEqual({
      PAYMENTS_KEY: "from the file",
    });
    expect(() => readConfig({ PAYMENTS_KEY_FILE: "/missing" }, schema)).toThrow(ConfigurationError);
    const both = schema.extend({ PAYMENTS_KEY_FILE: z.string() });
    const given = { PAYMENTS_KEY: "a", PAYMENTS_KEY_FILE: path };
    expect(readConfig(given, both).applicationSettings).toEqual(given);
  });
});

test("a start with a secret that cannot be read is refused, with its name and what to write", async () => {
  const environment = {
    ...production,
    SESSION_SECRET: "",
    SESSION_SECRET_FILE: "/missing",
    HOST: "127.0.0.1",
  };
  const { status, stderr } = await graphward(["start"], { environment });
  expect(status).toBe(1);
  expect(stderr).toContain(
    "The configuration has 1 problem(s):\n  SESSION_SECRET_FILE: must be the path of a file that can be read\n",
  );
});
