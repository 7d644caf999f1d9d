import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { maxDevicesPerUser } from "../../../src/auth/browsers/known-devices.ts";
import { wideNetworkOf } from "../../../src/auth/viewer/network.ts";
import { Client, logInAs } from "../../harness/client.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type AppWithMail, startApp, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  NewDeviceMailDocument,
  RequestPasswordResetDocument,
  SetNewDeviceMailDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
let user: User & { email: string };
let count = 0;
beforeAll(async () => {
  app = await startWithMail({ TRUST_PROXY: "1" });
});
afterAll(() => app.close());
beforeEach(async () => {
  // What was asked for stays in the queue, where it can be counted.
  app.mail.refuse = () => "450 4.2.0 later";
  count += 1;
  const email = `owner${count}@example.org`;
  user = await app.createUser({ email });
});

const firefox = (version: number) =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
const home = { address: "192.0.2.7", userAgent: firefox(130) };
const phone = { ...home, userAgent: "MyApp/1.2 (iPhone; iOS 17.0)" };

interface Place {
  readonly address: string;
  readonly userAgent: string;
}

const from = (client: Client, { address, userAgent }: Place, query: string, variables: object = {}) =>
  client.post<{ login: { token: string; user: { newDeviceMail: boolean | null } } | null }>(
    JSON.stringify({ query, variables }),
    { "x-forwarded-for": address, "user-agent": userAgent },
  );

const logIn = async (place: Place, { password = user.password, client = new Client(app) } = {}) => {
  const answer = await from(
    client,
    place,
    "mutation($u: String!, $p: String!) { login(username: $u, password: $p, mode: TOKEN) { token user { newDeviceMail } } }",
    { u: user.username, p: password },
  );
  client.token = answer.data?.login?.token ?? null;
  return { ...answer, client };
};

/** Whom the mails that wait tell of which device. */
const told = async (userId = user.id) => {
  const { rows } = await sql<{ payload: { device: string | null; ipAddress: string | null } }>`
    select payload from graphward_jobs._private_jobs
    where payload->>'userId' = ${userId} and payload->>'template' = 'new-device' order by id`.execute(
    app.database,
  );
  return rows.map(({ payload }) => [payload.device, payload.ipAddress]);
};

const known = () =>
  app.database
    .selectFrom("known_devices")
    .select(["digest", "last_seen_at", sql<string>`xmin || ' ' || xmax`.as("version")])
    .where("user_id", "=", user.id)
    .orderBy("last_seen_at")
    .execute();

const moveBack = (interval: string) =>
  sql`update known_devices set last_seen_at = last_seen_at - ${interval}::interval where user_id = ${user.id}`.execute(
    app.database,
  );

describe("a login from a new device", () => {
  test("is told by mail: what, from where, when; the very first one is not", async () => {
    await logIn(home);
    expect(await told()).toEqual([]);
    app.mail.refuse = () => null;
    await logIn({ ...phone, address: "198.51.100.9" });
    const message = await until(() => messagesTo(app.mail.received, user.email)[0]);
    expect(message.subject).toBe("A new device logged in");
    expect(message.text).toContain("Device: MyApp on iOS. IP: 198.51.100.9.");
    expect(message.text).toContain("Reset your password immediately");
  });

  test("means another device, or another network", async () => {
    await logIn(home);
    await logIn(phone);
    await logIn({ ...home, address: "192.0.3.7" });
    await logIn({ ...home, address: "2001:db8:1::7" });
    await logIn({ ...home, userAgent: "x".repeat(10_000) });
    expect(await told()).toEqual([
      ["MyApp on iOS", "192.0.2.7"],
      ["Firefox on Windows", "192.0.3.7"],
      ["Firefox on Windows", "2001:db8:1::7"],
      [null, "192.0.2.7"],
    ]);
  });

  test("is told once: not again from there, of any version, nor from a neighbouring address", async () => {
    for (const address of ["192.0.2.7", "2001:db8:1::7"]) await logIn({ ...home, address });
    expect(await told()).toHaveLength(1);
    for (const address of ["192.0.2.7", "192.0.2.200", "2001:db8:1::7", "2001:db8:1:2:3::4"])
      await logIn({ address, userAgent: firefox(131) });
    expect(await told()).toHaveLength(1);
    expect(await known()).toHaveLength(2);
  });

  test("is told once when ten begin at the same moment, and all succeed", async () => {
    await logIn(home);
    const answers = await Promise.all(Array.from({ length: 10 }, () => logIn(phone)));
    expect(answers.map(({ codes }) => codes)).toEqual(Array(10).fill([]));
    expect(await told()).toHaveLength(1);
  });

  test("is not told to an address that was never proven, nor where there is none", async () => {
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    for (const place of [home, phone]) await logIn(place);
    expect(await told()).toEqual([]);
    user = { ...(await app.createUser()), email: "" };
    for (const place of [home, phone]) await logIn(place);
    expect(await told()).toEqual([]);
    expect(await known()).toHaveLength(2);
  });

  test("without the password is told to nobody, and makes nothing known", async () => {
    await logIn(home);
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect((await logIn(phone, { password: "not this one at all" })).codes).toEqual([
        "INVALID_CREDENTIALS",
      ]);
    await app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
    expect((await logIn(phone)).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect([await told(), await known()]).toEqual([[], [expect.anything()]]);
  });

  test("of an account that is deactivated while we hash is told to nobody, and makes nothing known", async () => {
    await logIn(home);
    const { login } = await app.database.transaction().execute(async (transaction) => {
      await transaction.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
      // It still reads the old row, and waits for ours when it begins the session.
      const login = logIn(phone);
      await untilBlocked(app);
      return { login };
    });
    expect((await login).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect([await told(), await known()]).toEqual([[], [expect.anything()]]);
  });

  test("is told also when a session proves its password there", async () => {
    const { client } = await logIn(home);
    const elsewhere = { ...home, address: "198.51.100.9" };
    const query = "mutation($p: String!) { reauthenticate(password: $p) { message } }";
    expect((await from(client, elsewhere, query, { p: user.password })).codes).toEqual([]);
    expect(await told()).toEqual([["Firefox on Windows", "198.51.100.9"]]);
  });

  test("that fails in its last part leaves no session, no device, no event and no mail", async () => {
    await logIn(home);
    const rows = () =>
      Promise.all(
        (["sessions", "known_devices", "audit_events"] as const).map((table) =>
          app.database.selectFrom(table).select("user_id").where("user_id", "=", user.id).execute(),
        ),
      );
    const before = await rows();
    await sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''no job today''; end'`.execute(
      app.database,
    );
    await sql`create trigger refuse before insert on graphward_jobs._private_jobs execute function refuse()`.execute(
      app.database,
    );
    const { codes } = await logIn(phone);
    await sql`drop function refuse cascade`.execute(app.database);
    expect(codes).toEqual(["INTERNAL_SERVER_ERROR"]);
    expect([await rows(), await told()]).toEqual([before, []]);
  });

  test("takes three statements, as any login", async () => {
    const query = vi.spyOn(pg.Client.prototype, "query");
    const statementsOf = async (mode: "SESSION" | "TOKEN") => {
      query.mockClear();
      await new Client(app).logIn(user, mode);
      return query.mock.calls
        .map(([it]) => String((it as { text?: string }).text ?? it))
        .filter((text) => /"(users|sessions|rate_limits)"/.test(text) && !text.startsWith(bySendingMail))
        .length;
    };
    // The worker's, which runs beside it.
    const bySendingMail = 'select "id", "username", "display_name" as "displayName", ';
    const known = [await statementsOf("SESSION"), await statementsOf("TOKEN")];
    await app.database.deleteFrom("known_devices").where("user_id", "=", user.id).execute();
    await logIn(home);
    const fresh = [await statementsOf("SESSION"), await statementsOf("TOKEN")];
    query.mockRestore();
    expect([...known, ...fresh]).toEqual([3, 3, 3, 3]);
    expect(await told()).toHaveLength(1);
  });
});

describe("a known device", () => {
  test("is written down at most daily", async () => {
    await logIn(home);
    const [first] = await known();
    await logIn(home);
    // Neither written nor locked.
    expect(await known()).toEqual([first]);
    await moveBack("25 hours");
    await logIn(home);
    const [again] = await known();
    expect(Date.now() - (again?.last_seen_at.getTime() ?? 0)).toBeLessThan(60_000);
  });

  test("is stored as a digest of its account's own, from which nothing can be read", async () => {
    await logIn(home);
    const [alice] = await known();
    user = { ...(await app.createUser()), email: "" };
    await logIn(home);
    const [bob] = await known();
    expect([alice?.digest.length, bob?.digest.length]).toEqual([32, 32]);
    expect(alice?.digest).not.toEqual(bob?.digest);
  });

  test("stays known while the secret is replaced, and afterwards", async () => {
    await logIn(home);
    const [old = ""] = app.config.sessionSecrets;
    const fresh = "n".repeat(40);
    for (const secrets of [`${fresh},${old}`, fresh]) {
      const next = await startApp({
        DATABASE_URL: app.config.databaseUrl ?? "",
        SESSION_SECRET: secrets,
        SMTP_URL: app.mail.url,
        MAIL_FROM: "service@example.org",
        TRUST_PROXY: "1",
      });
      await logIn(home, { client: new Client(next) });
      await next.close();
    }
    expect(await told()).toEqual([]);
    expect(await known()).toHaveLength(2);
  });

  test("is forgotten with the password: whoever had the old one may have made it known", async () => {
    await logIn(home);
    await logIn(phone);
    const { client } = await logIn(home);
    const newPassword = "seven herons on the weir";
    const query =
      "mutation($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) { message } }";
    expect((await from(client, home, query, { c: user.password, n: newPassword })).codes).toEqual([]);
    expect(await told()).toHaveLength(1);
    await logIn(home, { password: newPassword });
    expect(await told()).toHaveLength(1);
    await logIn(phone, { password: newPassword });
    expect(await told()).toHaveLength(2);
  });

  test("is forgotten by a reset, and by user password", async () => {
    await logIn(home);
    app.mail.refuse = () => null;
    await new Client(app).run(RequestPasswordResetDocument, { email: user.email });
    const token = secretIn(await until(() => messagesTo(app.mail.received, user.email)[0]));
    const reset = `mutation { resetPassword(token: "${token}", newPassword: "seven herons on the weir") { message } }`;
    expect((await new Client(app).run(reset)).codes).toEqual([]);
    expect(await known()).toEqual([]);
    await logIn(home, { password: "seven herons on the weir" });
    expect(await known()).toHaveLength(1);
    await cli(
      ["user", "password", "--username", user.username, "--password-stdin"],
      "eight herons on the weir",
    );
    expect(await known()).toEqual([]);
  });

  test("is forgotten after 180 days, by prune, but for the one that was seen last", async () => {
    for (const place of [home, phone]) {
      await logIn(place);
      await moveBack("1 minute");
    }
    const [, last] = await known();
    await moveBack("179 days");
    await cli(["prune"]);
    expect(await known()).toHaveLength(2);
    await moveBack("2 days");
    expect((await cli(["prune"])).stdout).toContain("Old known devices deleted: 1.");
    expect((await known()).map(({ digest }) => digest)).toEqual([last?.digest]);
    // An account that nobody has used for long is told of a login from elsewhere all the same.
    const before = await told();
    await logIn(home);
    expect(await told()).toHaveLength(before.length + 1);
  });

  test(`is one of ${maxDevicesPerUser} at most: the longest unseen goes first`, async () => {
    await logIn(home);
    await moveBack("3 days");
    const [longest] = await known();
    await sql`insert into known_devices (user_id, digest, last_seen_at)
      select ${user.id}::uuid, sha256(number::text::bytea), now() - interval '1 day' from generate_series(2, ${maxDevicesPerUser}) as number`.execute(
      app.database,
    );
    await logIn(phone);
    const devices = await known();
    expect(devices).toHaveLength(maxDevicesPerUser);
    expect(devices.some(({ digest }) => Buffer.compare(digest, longest?.digest ?? digest) === 0)).toBe(false);
  });

  test("goes with its account", async () => {
    await logIn(home);
    await app.database.deleteFrom("users").where("id", "=", user.id).execute();
    expect(await known()).toEqual([]);
  });
});

describe("the switch", () => {
  const set = (client: Client, enabled: boolean) => client.run(SetNewDeviceMailDocument, { enabled });
  const moveLoginBack = () =>
    app.database
      .updateTable("sessions")
      .set({ authenticated_at: new Date(0) })
      .where("user_id", "=", user.id)
      .execute();

  test("turns the mail off and on, shows itself to its owner, and is recorded when it changes", async () => {
    const first = await logIn(home);
    const { client } = first;
    expect(first.data?.login?.user.newDeviceMail).toBe(true);
    expect((await set(client, false)).data?.setNewDeviceMail?.user).toEqual({
      id: user.id,
      newDeviceMail: false,
    });
    expect((await client.run(NewDeviceMailDocument)).data?.viewer?.newDeviceMail).toBe(false);
    await set(client, false);
    expect((await logIn(phone)).data?.login?.user.newDeviceMail).toBe(false);
    expect(await told()).toEqual([]);
    await set(client, true);
    await logIn({ ...phone, address: "198.51.100.9" });
    expect(await told()).toHaveLength(1);
    const events = await app.database
      .selectFrom("audit_events")
      .select(["actor_id", "details"])
      .where("user_id", "=", user.id)
      .where("type", "=", "NEW_DEVICE_MAIL_CHANGED")
      .orderBy("id")
      .execute();
    expect(events).toEqual([
      { actor_id: user.id, details: { enabled: false } },
      { actor_id: user.id, details: { enabled: true } },
    ]);
  });

  test("is turned off with a recent login only, and on at any time", async () => {
    const { client } = await logIn(home);
    await moveLoginBack();
    expect((await set(client, false)).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect((await client.run(NewDeviceMailDocument)).data?.viewer?.newDeviceMail).toBe(true);
    expect((await set(client, true)).codes).toEqual([]);
  });

  test("is out of reach of access tokens and strangers, and leaves other accounts alone", async () => {
    const other = await app.createUser();
    const { client } = await logIn(home);
    const script = await createScript(app, user, ["profile:read"]);
    expect((await set(script.client, false)).codes).toEqual(["FORBIDDEN"]);
    expect((await set(new Client(app), false)).codes).toEqual(["UNAUTHENTICATED"]);
    await set(client, false);
    const stranger = new Client(app);
    await stranger.logIn(other, "TOKEN");
    expect((await stranger.run(NewDeviceMailDocument)).data?.viewer).toEqual({
      id: other.id,
      newDeviceMail: true,
    });
  });
});

test("whether the mail is on is shown to the account alone, whoever else may come to see the account", async () => {
  const { client } = await logIn(home);
  const { data } = await client.run(NewDeviceMailDocument);
  expect(data?.viewer?.newDeviceMail).toBe(true);
  const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
  const asked = "query ($id: ID!) { user(id: $id) { username newDeviceMail } }";
  const shown = await administrator.run(asked, { id: user.id });
  expect(shown.data).toEqual({ user: { username: user.username, newDeviceMail: null } });
});

test.each([
  ["192.0.2.7", "192.0.2"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1"],
  ["2001:DB8:0001::6", "2001:db8:1"],
  ["2001:db8::6", "2001:db8:0"],
  ["fe80::1%eth0", "fe80:0:0"],
  ["::1", "0:0:0"],
  ["unknown", ""],
  [null, ""],
])("the wider network of %s is %s", (address, network) => {
  expect(wideNetworkOf(address)).toBe(network);
});

const cli = (args: readonly string[], input?: string) =>
  graphward(args, {
    on: app,
    environment: { DATA_DIR: app.config.dataDir },
    ...(input !== undefined && { input }),
  });
