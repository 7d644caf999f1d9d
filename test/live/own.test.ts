import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Client, logInAs } from "../harness/client.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import { type App, startTwoServers, type User } from "../harness/server.ts";
import { createScript, withToken } from "../harness/sign-in/access-token.ts";
import { ImpersonateDocument, LogOutDocument } from "../operations/generated/graphql.ts";

// Our own subscriptions, on another server than the one that changes something.

let here: App;
let there: App;
let user: User;
let client: Client;
beforeAll(async () => {
  ({ here, there } = await startTwoServers());
});
afterAll(() => here.close());
beforeEach(async () => {
  user = await here.createUser();
  client = await logInAs(here, user);
});

const sessionsChanged = "subscription { sessionsChanged { id current } }";
const auditEventAdded = "subscription { auditEventAdded { type userId ipAddress } }";

const countsOf = (stream: ReadStream) =>
  stream.events().map(({ data }) => (data?.sessionsChanged as unknown[] | null)?.length);
const eventsOf = (stream: ReadStream) => stream.events().map(({ data }) => data?.auditEventAdded);

test("sessionsChanged: the viewer's devices, when one logs in and when one logs out", async () => {
  const stranger = await logInAs(here, await here.createUser());
  const [stream, foreign] = [
    await openStream(there, client, sessionsChanged),
    await openStream(there, stranger, sessionsChanged),
  ];
  const second = await logInAs(here, user);
  await stream.event(1);
  await second.run(LogOutDocument);
  await expect.poll(() => countsOf(stream).at(-1)).toBe(1);
  expect(countsOf(stream)[0]).toBe(2);
  const [first] = stream.events();
  expect(first?.data?.sessionsChanged).toContainEqual({ id: expect.any(String), current: true });
  expect(foreign.events()).toEqual([]);
  stream.close();
  foreign.close();
});

test("auditEventAdded: the viewer's own events, and everybody's with audit:read", async () => {
  const administrator = await logInAs(here, await here.createUser({ roles: ["ADMIN"] }));
  const stranger = await logInAs(here, await here.createUser());
  const [own, all, foreign] = [
    await openStream(there, client, auditEventAdded),
    await openStream(there, administrator, auditEventAdded),
    await openStream(there, stranger, auditEventAdded),
  ];
  await logInAs(here, user);
  expect((await own.event(1)).data?.auditEventAdded).toMatchObject({
    type: "LOGIN_SUCCEEDED",
    userId: user.id,
  });
  await expect.poll(() => eventsOf(all)).toContainEqual(expect.objectContaining({ userId: user.id }));
  // Another actor's IP is hidden from the user, in an event as in a list.
  await administrator.run(`mutation { setRoles(id: "${user.id}", roles: []) { message } }`);
  expect(foreign.events()).toEqual([]);
  for (const stream of [own, all, foreign]) stream.close();
});

test("both need the scope of their list, and sessionsChanged alone may be followed while impersonating", async () => {
  const script = await createScript(here, user, ["sessions:read"]);
  const administrator = await logInAs(here, await here.createUser({ roles: ["ADMIN"] }));
  const { data } = await administrator.run(ImpersonateDocument, { userId: user.id });
  const acting = withToken(here, data?.impersonate?.token ?? "");
  for (const caller of [script.client, acting]) {
    const allowed = await openStream(here, caller, sessionsChanged);
    expect(allowed.status).toBe(200);
    allowed.close();
    const refused = await openStream(here, caller, auditEventAdded);
    await refused.ended;
    expect([refused.status, refused.codes()]).toEqual([403, ["FORBIDDEN"]]);
  }
});

test("while nobody follows them, no login and no event is told of: NOTIFY would make commits wait for each other", async () => {
  const heard: string[] = [];
  const listener = new pg.Client({ connectionString: here.config.databaseUrl ?? "" });
  await listener.connect();
  listener.on("notification", ({ payload = "" }) => heard.push(payload));
  await listener.query("listen graphward_events");
  const isHeard = (text: string) => expect.poll(() => heard.join()).toContain(text);
  await until(
    async () => (await sql`select from graphward.live_followers`.execute(here.database)).rows.length === 0,
  );
  await logInAs(here, user);
  await listener.query("select pg_notify('graphward_events', 'first [0]')");
  await isHeard("first");
  expect(heard).toEqual(["first [0]"]);

  const stream = await openStream(there, client, sessionsChanged);
  await logInAs(here, user);
  await isHeard("graphward_sessions");
  await isHeard("graphward_audit");
  stream.close();
  await until(
    async () => (await sql`select from graphward.live_followers`.execute(here.database)).rows.length === 0,
  );
  await listener.end();
});

test("without the viewer cache, the first stream of a server begins to listen", async () => {
  const quiet = await startTwoServers({ VIEWER_CACHE: "off" });
  const viewer = await quiet.here.createUser();
  const known = await logInAs(quiet.here, viewer);
  const stream = await openStream(quiet.there, known, sessionsChanged);
  await logInAs(quiet.here, viewer);
  await stream.event(1);
  await known.run(LogOutDocument);
  await stream.ended;
  expect(stream.codes()).toEqual(["UNAUTHENTICATED"]);
  await quiet.here.close();
});
