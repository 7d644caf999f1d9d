import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineServer } from "../../src/application/definition.ts";
import { startTestServer, type TestServer } from "../../src/testing/server.ts";
import { days, hours } from "../../src/time.ts";
import { letQuote } from "../harness/logs/logs.ts";

const application = defineServer({});
const viewer = "{ viewer { id } }";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(application);
});
afterAll(() => server.close());

// An application's test writes its rows through the entity manager.
letQuote(/statement: (?:create table|insert into) trials/);

describe("a user of a test", () => {
  test("is made up where nothing is said, and logs in with a cookie and a token", async () => {
    const user = await server.createUser();
    expect(user).toMatchObject({ email: null, roles: [] });
    const client = await server.logInAs(user);
    expect(client.cookies.size).toBe(1);
    expect(client.token).toMatch(/^gws_/);
    expect((await client.run(viewer)).data).toEqual({ viewer: { id: user.id } });
  });

  test("has what is said: an email that is verified, and roles", async () => {
    const user = await server.createUser({ email: "rosalind@example.org", roles: ["ADMIN"] });
    const client = await server.logInAs(user, "TOKEN");
    const { data } = await client.run("{ viewer { email emailVerified roles } }");
    expect(data).toEqual({
      viewer: { email: "rosalind@example.org", emailVerified: true, roles: ["ADMIN"] },
    });
  });

  test("whose row is changed is changed for the next request", async () => {
    const user = await server.createUser();
    const client = await server.logInAs(user);
    await client.run(viewer);
    await server.em
      .getConnection()
      .execute("update graphward.users set is_active = false where id = ?", [user.id]);
    expect((await client.run(viewer)).codes).toEqual(["UNAUTHENTICATED"]);
  });
});

describe("a subscription", () => {
  test("is followed as docs/testing.md shows it", async () => {
    const user = await server.createUser();
    const alice = await server.logInAs(user);
    const stream = await alice.follow("subscription { sessionsChanged { device } }");
    await server.logInAs(user);
    expect((await stream.next()).data).toHaveProperty("sessionsChanged.length", 2);
    stream.close();
    await stream.ended;
    const page = await readFile("docs/testing.md", "utf8");
    const own = await readFile(import.meta.filename, "utf8");
    const [, block = ""] = /^```ts\n([^`]*follow[^`]*)^```$/m.exec(page) ?? [];
    expect(block).toContain("alice.follow");
    for (const line of block.trim().split("\n")) expect(own).toContain(line);
  });

  test("says why it ends, and why it is refused", async () => {
    const alice = await server.logInAs(await server.createUser());
    const changes = "subscription { sessionsChanged { device } }";
    const stream = await alice.follow(changes);
    expect([stream.status, stream.codes]).toEqual([200, []]);
    await alice.run("mutation { logout { message } }");
    await stream.ended;
    expect(stream.codes).toEqual(["UNAUTHENTICATED"]);
    expect(stream.events.at(-1)?.data).toBeUndefined();
    const refused = await server.createClient().follow(changes);
    expect([refused.status, refused.codes, refused.events]).toEqual([401, ["UNAUTHENTICATED"], []]);
  });
});

describe("the mailbox", () => {
  test("waits for a message, whose token does what its link does", async () => {
    const user = await server.createUser({ email: "barbara@example.org" });
    const mailbox = server.mailbox("barbara@example.org");
    const client = server.createClient();
    await client.run('mutation { requestPasswordReset(email: "barbara@example.org") { message } }');
    const message = await mailbox.next();
    expect(message.to).toBe("barbara@example.org");
    expect(message.links[0]).toMatch(new RegExp(`^${server.origin}/.*#token=${message.token}$`));
    const password = "a-new-fortunate-heron";
    const reset =
      "mutation ($token: String!, $password: String!) { resetPassword(token: $token, newPassword: $password) { message } }";
    expect((await client.run(reset, { token: message.token, password })).codes).toEqual([]);
    await server.logInAs({ ...user, password });
    // Each message is taken once.
    expect((await mailbox.next()).subject).not.toBe(message.subject);
    expect(await mailbox.messages()).toHaveLength(2);
  });

  test("of another email is empty", async () => {
    expect(await server.mailbox("nobody@example.org").messages()).toEqual([]);
  });
});

describe("passing time", () => {
  const isLoggedIn = async (client: Awaited<ReturnType<TestServer["logInAs"]>>) => {
    const { data } = await client.run<{ viewer: object | null }>(viewer);
    return Boolean(data?.viewer);
  };

  test("ends the sessions of one user, and of nobody else", async () => {
    const [gone, kept] = [await server.createUser(), await server.createUser()];
    const [before, other] = [await server.logInAs(gone), await server.logInAs(kept)];
    await server.passTime(hours(1), { user: gone });
    expect(await isLoggedIn(before)).toBe(true);
    await server.passTime(days(366), { user: gone });
    expect(await isLoggedIn(before)).toBe(false);
    expect(await isLoggedIn(other)).toBe(true);
  });

  test("ends a link", async () => {
    const email = "grace@example.org";
    const user = await server.createUser({ email });
    const client = server.createClient();
    await client.run(`mutation { requestPasswordReset(email: "${email}") { message } }`);
    const { token } = await server.mailbox(email).next();
    await server.passTime(days(2), { user });
    const reset = `mutation ($token: String!) { resetPassword(token: $token, newPassword: "another-fortunate-heron") { message } }`;
    expect((await client.run(reset, { token })).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("moves the application's rows, all or those of a user, and what is due", async () => {
    const user = await server.createUser();
    const { em } = server;
    const run = (statement: string, values: readonly unknown[] = []) =>
      em.getConnection().execute(statement, values);
    await run(
      "create table trials (owner_id uuid references graphward.users (id) on delete cascade, ends_at timestamptz)",
    );
    await run(
      "insert into trials values (?, now() + interval '10 days'), (null, now() + interval '10 days')",
      [user.id],
    );
    await run("select graphward_jobs.add_job('of_the_application', run_at := now() + interval '10 days')");
    const isOver = async () => {
      const [row] =
        await run(`select (select ends_at < now() from trials where owner_id is not null) as theirs,
        (select ends_at < now() from trials where owner_id is null) as another,
        (select run_at < now() from graphward_jobs.jobs where task_identifier = 'of_the_application') as job`);
      return row;
    };
    await server.passTime(days(9), { user });
    expect(await isOver()).toEqual({ theirs: false, another: false, job: false });
    await server.passTime(days(2), { user });
    expect(await isOver()).toEqual({ theirs: true, another: false, job: false });
    await server.passTime(days(11));
    expect(await isOver()).toEqual({ theirs: true, another: true, job: true });
  });

  test("leaves the audit trail as it is sealed", async () => {
    const at = () =>
      server.em.getConnection().execute("select id, at from graphward.audit_events order by id");
    const before = await at();
    expect(before.length).toBeGreaterThan(0);
    await server.passTime(days(1));
    expect((await at()).slice(0, before.length)).toEqual(before);
  });
});

describe("limits", () => {
  const wrong = 'mutation { login(username: "nobody-at-all", password: "wrong") { userId } }';

  test("are off", async () => {
    const client = server.createClient();
    for (let count = 0; count < 40; count += 1)
      expect((await client.run(wrong)).codes).not.toContain("RATE_LIMITED");
  });

  test("are on where a setting says so", async () => {
    const limited = await startTestServer(application, { settings: { RATE_LIMITS: "login.account=2/1m" } });
    const client = limited.createClient();
    for (let count = 0; count < 2; count += 1) await client.run(wrong);
    expect((await client.run(wrong)).codes).toEqual(["RATE_LIMITED"]);
    await limited.close();
  });
});

test("a wrong setting is refused with its name", async () => {
  await expect(startTestServer(application, { settings: { LOG_LEVEL: "loud" } })).rejects.toThrow(
    "LOG_LEVEL",
  );
});
