import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beginning, macOf } from "../../../src/auth/audit/trail/chain.ts";
import { sealEvents } from "../../../src/auth/audit/trail/sealing.ts";
import { type Answer, Client, logInAs } from "../../harness/client.ts";
import { verifyAuditTrail } from "../../harness/database/audit-trail.ts";
import { until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp, withoutLimits } from "../../harness/server.ts";
import {
  ChangeUsernameDocument,
  LogInDocument,
  RequestPasswordResetDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp({
    RATE_LIMITS: `${withoutLimits},login.account=2/15m,register.ip=2/1h,mail.account=1/1h`,
  });
});
afterAll(() => app.close());

const wrong = "a password that nobody has";
const requestIdOf = ({ headers }: Answer<unknown>) => headers.get("x-request-id") ?? "";
const tryTo = (username: string, password = wrong) =>
  new Client(app).run(LogInDocument, { username, password });
const eventOf = (requestId: string, type: string) =>
  until(() =>
    app.database
      .selectFrom("audit_events")
      .select(["type", "user_id as userId", "actor_id as actorId", "details"])
      .where("request_id", "=", requestId)
      .where("type", "=", type)
      .executeTakeFirst(),
  );
const lineOf = (requestId: string) =>
  until(() => {
    const line = app.log.find((it) => it.includes(requestId) && it.includes('"msg":"request"'));
    return line === undefined ? null : (JSON.parse(line) as Record<string, unknown>);
  });

describe("who was refused is found by the request id of the response:", () => {
  test("a wrong password and a right one have their user in the event and in the log, and none where there is none", async () => {
    const alice = await app.createUser();
    const failed = await tryTo(alice.username);
    expect(await eventOf(requestIdOf(failed), "LOGIN_FAILED")).toMatchObject({ userId: alice.id });
    expect(await lineOf(requestIdOf(failed))).toMatchObject({ loginUserId: alice.id });
    expect(await lineOf(requestIdOf(failed))).not.toHaveProperty("userId");
    const right = await tryTo(alice.username, alice.password);
    expect(await eventOf(requestIdOf(right), "LOGIN_SUCCEEDED")).toMatchObject({ userId: alice.id });
    expect(await lineOf(requestIdOf(right))).toMatchObject({ loginUserId: alice.id });
    expect(await lineOf(requestIdOf(await tryTo("nobody-at-all")))).not.toHaveProperty("loginUserId");
    expect(failed.text).not.toContain(alice.id);
  });

  test("a limit of a login names the user", async () => {
    const bob = await app.createUser();
    for (let count = 1; count <= 2; count += 1) await tryTo(bob.username);
    const refused = await tryTo(bob.username);
    expect(refused.codes).toEqual(["RATE_LIMITED"]);
    const expected = { userId: bob.id, details: { budget: "login.account" } };
    expect(await eventOf(requestIdOf(refused), "LIMIT_REACHED")).toMatchObject(expected);
    expect(refused.text).not.toContain(bob.id);
  });

  test("a limit of an IP names the viewer", async () => {
    const carol = await app.createUser();
    const client = await logInAs(app, carol);
    const change = () =>
      client.run(ChangeUsernameDocument, { username: `c-${randomBytes(6).toString("hex")}` });
    for (let count = 1; count <= 2; count += 1) expect((await change()).codes).toEqual([]);
    const refused = await change();
    expect(refused.codes).toEqual(["RATE_LIMITED"]);
    const expected = { userId: carol.id, details: { budget: "register.ip" } };
    expect(await eventOf(requestIdOf(refused), "LIMIT_REACHED")).toMatchObject(expected);
  });

  test("a mail that was not sent, which the response does not tell, is an event", async () => {
    const ask = () => new Client(app).run(RequestPasswordResetDocument, { email: "full@example.org" });
    const [sent, kept] = [await ask(), await ask()];
    expect(sent.text).toBe(kept.text);
    const expected = { userId: null, details: { budget: "mail.account" } };
    expect(await eventOf(requestIdOf(kept), "LIMIT_REACHED")).toMatchObject(expected);
  });
});

test("a request id is shown to viewers with audit:read, and to no user beside its own events", async () => {
  const dora = await app.createUser();
  const requestId = requestIdOf(await tryTo(dora.username));
  await eventOf(requestId, "LOGIN_FAILED");
  const query = `query($id: ID!) { auditEvents(userId: $id) { nodes { type requestId } } }`;
  const idsSeenBy = async (client: Client) => {
    const { data } = await client.run<
      { auditEvents: { nodes: { requestId: string | null }[] } },
      { id: string }
    >(query as never, { id: dora.id });
    return data?.auditEvents.nodes.map((node) => node.requestId);
  };
  const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
  expect(await idsSeenBy(administrator)).toContain(requestId);
  const own = await idsSeenBy(await logInAs(app, dora));
  expect(own?.length).toBeGreaterThan(1);
  expect(new Set(own)).toEqual(new Set([null]));
});

describe("graphward audit export --user", () => {
  const environment = () => ({ AUDIT_KEY: app.config.auditKeys.join() });
  const run = async (user: string) => {
    const { status, stdout, stderr } = await graphward(["audit", "export", "--user", user], {
      on: app,
      environment: environment(),
    });
    const events = stdout.split("\n").slice(0, -1);
    return { status, stderr, events: events.map((line) => JSON.parse(line) as Record<string, unknown>) };
  };

  test("takes a name or an id, of a deleted user too, and exports the request ids", async () => {
    const [erin, other] = [await app.createUser(), await app.createUser()];
    const requestId = requestIdOf(await tryTo(erin.username));
    await tryTo(other.username);
    await eventOf(requestId, "LOGIN_FAILED");
    const byName = await run(` ${erin.username.toUpperCase()} `);
    expect(byName.events.map(({ type }) => type)).toEqual(["ACCOUNT_CREATED", "LOGIN_FAILED"]);
    expect(byName.events.at(-1)).toMatchObject({ requestId, userId: erin.id });
    expect(await run(erin.id)).toEqual(byName);
    const client = await logInAs(app, erin);
    expect((await client.run("mutation { deleteAccount { message } }")).codes).toEqual([]);
    const afterwards = await run(erin.id.toUpperCase());
    expect(afterwards.events.map(({ type }) => type)).toContain("ACCOUNT_DELETED");
    expect(new Set(afterwards.events.map(({ userId }) => userId))).toEqual(new Set([erin.id]));
  });

  test("says so when there is no such user", async () => {
    expect(await run("nobody-here")).toEqual({
      status: 1,
      stderr: "graphward: There is no such user.\n",
      events: [],
    });
  });
});

describe("the chain", () => {
  test("has the MACs of before for events without a request id", () => {
    const event = {
      id: "7",
      at: new Date("2026-11-20T10:00:00.000Z"),
      type: "LOGIN_FAILED",
      userId: null,
      actorId: null,
      sessionId: null,
      requestId: null,
      details: '{"reason": "NO_ACCOUNT"}',
      clientCommitment: Buffer.alloc(32, 1),
      personalCommitment: Buffer.alloc(32, 2),
      sealedAt: new Date("2026-11-20T10:00:01.000Z"),
    };
    const key = "a key of thirty-two characters at least";
    // Computed by the version before request ids.
    const before = "eb48f68c608ff6d15124a1d4319ea794008c44edcd52f7233e0b8c967ca4b4fd";
    expect(macOf(key, beginning, event).toString("hex")).toBe(before);
    expect(macOf(key, beginning, { ...event, requestId: "" }).toString("hex")).not.toBe(before);
  });

  test("covers the request id: one that was changed, removed or added is found", async () => {
    await tryTo("nobody-in-the-chain");
    const key = app.config.auditKeys[0] ?? "";
    await until(async () => {
      await sealEvents(app.database, key);
      const sealed = app.database.selectFrom("audit_events").select("id").where("request_id", "is not", null);
      return sealed.where("sequence", "is not", null).executeTakeFirst();
    });
    const verify = async () => (await verifyAuditTrail(app, key, null)).intact;
    expect(await verify()).toBe(true);
    const row = async (kind: "is" | "is not") =>
      app.database
        .selectFrom("audit_events")
        .select(["id", "request_id"])
        .where("request_id", kind, null)
        .where("sequence", "is not", null)
        .executeTakeFirstOrThrow();
    for (const [{ id, request_id }, forged] of [
      [await row("is not"), "another"],
      [await row("is not"), null],
      [await row("is"), "invented"],
    ] as const) {
      const set = (value: string | null) =>
        app.database.updateTable("audit_events").set({ request_id: value }).where("id", "=", id).execute();
      await set(forged);
      expect(await verify()).toBe(false);
      await set(request_id);
    }
    expect(await verify()).toBe(true);
  });
});
