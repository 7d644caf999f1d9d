import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AuditEventType } from "../../../src/entities/audit-event-type.ts";
import { Client } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { readOutbox, sendLink, until } from "../../harness/mail/mail.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";

let app: App;
let user: User;
let client: Client;
beforeAll(async () => {
  app = await startApp({ TRUST_PROXY: "1" });
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
  client = new Client(app);
  await client.logIn(user, "TOKEN");
});

const from = (caller: Client, address: string, query: string) =>
  caller.post(JSON.stringify({ query }), { "x-forwarded-for": address, "user-agent": "a test's browser" });

const eventsOf = (type: AuditEventType, userId: string | null = user.id) =>
  app.database
    .selectFrom("audit_events")
    .selectAll()
    .where("type", "=", type)
    .where("user_id", userId === null ? "is" : "=", userId)
    .orderBy("id")
    .execute();
/** Refusals are written down in their order, one at a time: once a later one is there, none before it is on its way. */
const settle = async (address: string) => {
  const marker = await app.createUser();
  await from(
    new Client(app),
    address,
    `mutation { login(username: "${marker.username}", password: "not the right one") { token } }`,
  );
  await expect.poll(async () => (await eventsOf(AuditEventType.LOGIN_FAILED, marker.id)).length).toBe(1);
};

describe("who reaches for what is not theirs is recorded, once an account, network and quarter of an hour:", () => {
  const administrators = '{ mine: users { edges { node { id } } } user(id: "1") { id } }';

  test("a field of administrators, by its name in the schema, asked for as often as one likes", async () => {
    // The second time it is executed without Apollo.
    for (let count = 0; count < 3; count += 1)
      expect((await from(client, "192.0.2.1", administrators)).codes).toEqual(["FORBIDDEN", "FORBIDDEN"]);
    await from(client, "192.0.2.2", administrators);
    await settle("192.0.2.1");
    const refused = {
      type: "ACCESS_REFUSED",
      actor_id: user.id,
      details: { field: "users" },
      personal: null,
    };
    expect(await eventsOf(AuditEventType.ACCESS_REFUSED)).toMatchObject([
      { ...refused, ip_address: "192.0.2.1", user_agent: "a test's browser" },
      { ...refused, ip_address: "192.0.2.2" },
    ]);
  });

  test("an account that can do more than the one who acts on it", async () => {
    const target = await app.createUser({ roles: ["ADMIN"] });
    const actor = new Client(app);
    await app.database
      .insertInto("roles")
      .values({ name: "DEACTIVATOR", permissions: ["users:deactivate"] })
      .execute();
    user = await app.createUser({ roles: ["DEACTIVATOR"] });
    await actor.logIn(user, "TOKEN");
    const { codes } = await from(
      actor,
      "192.0.2.3",
      `mutation { deactivateUser(id: "${target.id}") { user { id } } }`,
    );
    expect(codes).toEqual(["FORBIDDEN"]);
    await settle("192.0.2.3");
    expect(await eventsOf(AuditEventType.ACCESS_REFUSED)).toMatchObject([
      { actor_id: user.id, details: { field: "deactivateUser" } },
    ]);
  });

  test("what an access token does not reach", async () => {
    const script = await createScript(app, user, ["profile:read"]);
    expect((await from(script.client, "192.0.2.4", "{ sessions { id } }")).codes).toEqual(["FORBIDDEN"]);
    await settle("192.0.2.4");
    expect(await eventsOf(AuditEventType.ACCESS_REFUSED)).toMatchObject([{ details: { field: "sessions" } }]);
  });

  test("what nobody may do who acts as another, as done by whoever acts", async () => {
    const administrator = await app.createUser({ roles: ["ADMIN"] });
    const actor = new Client(app);
    await actor.logIn(administrator, "TOKEN");
    const { data } = await actor.post<{ impersonate: { token: string } }>(
      JSON.stringify({ query: `mutation { impersonate(userId: "${user.id}") { token } }` }),
    );
    actor.token = data?.impersonate.token ?? null;
    await from(client, "192.0.2.5", administrators);
    expect((await from(actor, "192.0.2.5", "mutation { deleteAccount { message } }")).codes).toEqual([
      "FORBIDDEN",
    ]);
    await settle("192.0.2.5");
    expect(await eventsOf(AuditEventType.ACCESS_REFUSED)).toMatchObject([
      { actor_id: user.id },
      { actor_id: administrator.id, details: { field: "deleteAccount" } },
    ]);
  });

  test("not whoever is not logged in: that is every visitor", async () => {
    const nobody = new Client(app);
    expect((await from(nobody, "192.0.2.6", administrators)).codes).toEqual([
      "UNAUTHENTICATED",
      "UNAUTHENTICATED",
    ]);
    const closed = await startApp({
      DATABASE_URL: app.config.databaseUrl ?? "",
      SESSION_SECRET: app.config.sessionSecrets.join(),
      REGISTRATION: "closed",
    });
    const register = `mutation { register(input: { username: "a", email: "a@example.org", password: "a quiet tram at dawn" }) { message } }`;
    expect((await from(new Client(closed), "192.0.2.6", register)).codes).toEqual(["FORBIDDEN"]);
    await closed.close();
    await settle("192.0.2.6");
    expect(await eventsOf(AuditEventType.ACCESS_REFUSED, null)).toEqual([]);
  });
});

describe("who tries links is recorded:", () => {
  const tries = (token: string) =>
    `mutation { resetPassword(token: "${token}", newPassword: "seven herons on the weir") { message } }`;

  test("without an account, once a network", async () => {
    for (const token of ["made-up", "another"])
      expect((await from(new Client(app), "192.0.2.10", tries(token))).codes).toEqual(["INVALID_TOKEN"]);
    await settle("192.0.2.10");
    const events = await eventsOf(AuditEventType.ONE_TIME_TOKEN_REFUSED, null);
    expect(events.filter(({ ip_address }) => ip_address === "192.0.2.10")).toMatchObject([
      { actor_id: null, details: { field: "resetPassword" }, personal: null },
    ]);
  });

  test("under the account that the request comes from", async () => {
    const query = `mutation { verifyEmail(token: "made-up") { message } }`;
    expect((await from(client, "192.0.2.11", query)).codes).toEqual(["INVALID_TOKEN"]);
    await settle("192.0.2.11");
    expect(await eventsOf(AuditEventType.ONE_TIME_TOKEN_REFUSED)).toMatchObject([{ actor_id: user.id }]);
  });
});

describe("a wrong password is recorded wherever one is asked for:", () => {
  test.each([
    ["reauthenticate", `mutation { reauthenticate(password: "not the right one") { message } }`],
    [
      "changePassword",
      `mutation { changePassword(currentPassword: "not the right one", newPassword: "seven herons on the weir") { message } }`,
    ],
  ])("%s", async (_field, query) => {
    for (let count = 0; count < 2; count += 1)
      expect((await from(client, "192.0.2.20", query)).codes).toEqual(["INVALID_CREDENTIALS"]);
    await settle("192.0.2.20");
    expect(await eventsOf(AuditEventType.LOGIN_FAILED)).toMatchObject([
      { actor_id: null, ip_address: "192.0.2.20", details: { reason: "WRONG_PASSWORD" }, personal: null },
    ]);
  });

  test("verifyEmail", async () => {
    const email = "of-somebody@example.org";
    user = await app.createUser({ email });
    const token = await secretOfLink(email);
    const query = `mutation { verifyEmail(token: "${token}", password: "not the right one") { message } }`;
    expect((await from(new Client(app), "192.0.2.21", query)).codes).toEqual(["INVALID_CREDENTIALS"]);
    await settle("192.0.2.21");
    expect(await eventsOf(AuditEventType.LOGIN_FAILED)).toMatchObject([
      { actor_id: null, details: { reason: "WRONG_PASSWORD" } },
    ]);
  });

  const secretOfLink = async (sentTo: string) => {
    const { template, purpose } = { template: "verify-address", purpose: "verify-address" } as const;
    await sendLink(app, { template, purpose, userId: user.id, sentTo });
    return secretIn(await until(async () => messagesTo(await readOutbox(app.config.dataDir), sentTo)[0]));
  };
});

test("a limit does not hide another, of the same network", async () => {
  const once = ["login.account", "register.ip", "reset.ip", "secret.ip"];
  const limited = await startApp({ RATE_LIMITS: once.map((budget) => `${budget}=1/1h`).join() });
  try {
    const caller = new Client(limited);
    for (let count = 0; count < 2; count += 1) {
      await caller.run('mutation { requestPasswordReset(email: "nobody@example.org") { message } }');
      await caller.run('mutation { login(username: "nobody", password: "not the right one") { token } }');
      await caller.run('mutation { resetPassword(token: "none", newPassword: "a quiet tram") { message } }');
      await caller.run('mutation { register(input: { username: "", email: "", password: "" }) { message } }');
    }
    const budgets = async () => {
      const events = limited.database.selectFrom("audit_events").select("details");
      const reached = await events.where("type", "=", AuditEventType.LIMIT_REACHED).execute();
      return reached.map(({ details }) => (details as { budget: string }).budget).sort();
    };
    await expect.poll(budgets).toEqual(once);
  } finally {
    await limited.close();
  }
});

test("there is no kind of event that nothing records", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith("audit-event-type.ts"))
    .map((name) => readFileSync(`src/${name}`, "utf8"))
    .join();
  const kinds = Object.values(AuditEventType);
  expect(kinds.filter((kind) => !new RegExp(`AuditEventType\\.${kind}\\b|'${kind}'`).test(sources))).toEqual(
    [],
  );
});
