import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { hours, minutes } from "../../src/time.ts";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { withoutNotices } from "../harness/database/backends.ts";
import { untilBlocked, withLockedAccounts } from "../harness/database/database-locks.ts";
import { until } from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";
import { createScript, withToken } from "../harness/sign-in/access-token.ts";
import { ImpersonateDocument, LogOutDocument } from "../operations/generated/graphql.ts";
import { hooks, liveApplication } from "./application.ts";

// What ends a credential ends its streams, on the server of the act and on another, before any further event.

let here: App;
let there: App;
let user: User;
let administrator: Client;
let publisher: Client;
beforeAll(async () => {
  here = await startApplication(liveApplication);
  there = await startApplication(liveApplication, {
    DATABASE_URL: here.config.databaseUrl ?? "",
    SESSION_SECRET: here.config.sessionSecrets.join(),
  });
  administrator = await logInAs(here, await here.createUser({ roles: ["ADMIN"] }));
  publisher = await logInAs(here, await here.createUser());
});
afterAll(async () => {
  await there.close();
  await here.close();
});
beforeEach(async () => {
  user = await here.createUser();
  hooks.resolve = async () => undefined;
});

type Credentials = Pick<Client, "cookies" | "token">;

const happened = 'subscription { happened(room: "hall") { number } }';

const happen = async (...numbers: readonly number[]) => {
  const answer = await publisher.run(
    'mutation ($numbers: [Int!]!) { happen(room: "hall", numbers: $numbers) }',
    { numbers },
  );
  expect(answer.codes).toEqual([]);
};

/** One stream by each credential, on both servers. All of them see the first event. */
const openAll = async (...credentials: readonly Credentials[]): Promise<readonly ReadStream[]> => {
  const streams: ReadStream[] = [];
  for (const app of [here, there])
    for (const it of credentials) streams.push(await openStream(app, it, happened));
  await happen(1);
  for (const stream of streams) expect((await stream.event(1)).data).toEqual({ happened: { number: 1 } });
  return streams;
};

const requireEnded = async (streams: readonly ReadStream[], code = "UNAUTHENTICATED") => {
  await happen(2);
  for (const stream of streams) {
    await stream.ended;
    expect(stream.events()).toMatchObject([
      { data: { happened: { number: 1 } } },
      { errors: [{ extensions: { code } }] },
    ]);
  }
};

const requireOpen = async (streams: readonly ReadStream[]) => {
  await happen(3);
  for (const stream of streams) {
    expect((await stream.event(2)).data).toEqual({ happened: { number: 3 } });
    stream.close();
  }
};

const done = async (act: Promise<unknown>) =>
  expect(await act).not.toMatchObject({ codes: [expect.any(String)] });

const cookieOf = ({ cookies }: Client): Credentials => ({ cookies, token: null });
const tokenOf = ({ token }: Client): Credentials => ({ cookies: new Map(), token });

describe("the streams of a session end", () => {
  test("with its logout: those of its cookie and of its token, and no others", async () => {
    const [leaving, staying] = [await logInAs(here, user, "SESSION_AND_TOKEN"), await logInAs(here, user)];
    const streams = await openAll(cookieOf(leaving), tokenOf(leaving), staying);
    const isOther = (index: number) => index % 3 === 2;
    await leaving.run(LogOutDocument);
    await requireEnded(streams.filter((_stream, index) => !isOther(index)));
    for (const stream of streams.filter((_stream, index) => isOther(index))) {
      expect((await stream.event(2)).data).toEqual({ happened: { number: 2 } });
      stream.close();
    }
  });

  const acts: Readonly<Record<string, (client: Client, other: Client) => Promise<unknown>>> = {
    "its revocation by another session": async (client, other) => {
      const { data } = await client.run<{ sessions: { id: string; current: boolean }[] }>(
        "{ sessions { id current } }",
      );
      const id = data?.sessions.find(({ current }) => current)?.id;
      return other.run("mutation ($id: ID!) { revokeSession(id: $id) { sessionId } }", { id });
    },
    "a logout everywhere": (_client, other) => other.run("mutation { logoutEverywhere { userId } }"),
    "a new password": (_client, other) =>
      other.run(
        `mutation { changePassword(currentPassword: "${user.password}", newPassword: "a wholly different one") { token } }`,
      ),
    "a new password of its own, for its secret is another one": (client) =>
      client.run(
        `mutation { changePassword(currentPassword: "${user.password}", newPassword: "a wholly different one") { token } }`,
      ),
    "a new secret after a proof of the password": (client) =>
      client.run(`mutation { reauthenticate(password: "${user.password}") { token } }`),
    deactivation: () => administrator.run(`mutation { deactivateUser(id: "${user.id}") { message } }`),
    "the deletion of the account": (_client, other) => other.run("mutation { deleteAccount { message } }"),
    "a row that is deleted by hand": () =>
      here.database.deleteFrom("sessions").where("user_id", "=", user.id).execute(),
  };
  for (const [name, act] of Object.entries(acts))
    test(`with ${name}`, async () => {
      const [client, other] = [await logInAs(here, user), await logInAs(here, user)];
      const streams = await openAll(client);
      const before = tokenOf(client);
      await done(act(client, other));
      await requireEnded(streams);
      expect(before.token).not.toBeNull();
    });

  test("with new roles: the client may open it again, if they allow it", async () => {
    const client = await logInAs(here, user);
    const streams = await openAll(client);
    await here.database
      .insertInto("roles")
      .values({ name: "EDITOR", permissions: ["live:watch"] })
      .execute();
    const roles = `mutation { setRoles(id: "${user.id}", roles: ["EDITOR"]) { message } }`;
    await done(administrator.run(roles));
    await requireEnded(streams, "SERVICE_UNAVAILABLE");
    const again = await openStream(here, client, happened);
    expect(again.status).toBe(200);
    again.close();
  });

  test("and not with a change of the user that is none of theirs", async () => {
    const [client, other] = [await logInAs(here, user), await logInAs(here, user)];
    const streams = await openAll(client);
    await other.run(LogOutDocument);
    await client.run('mutation { updateProfile(input: { displayName: "Agnes" }) { user { id } } }');
    await requireOpen(streams);
  });
});

describe("the streams of an access token end", () => {
  test("with its revocation, and go on when the session that made it ends", async () => {
    const script = await createScript(here, user, ["live:read"]);
    const owner = await logInAs(here, user);
    const streams = await openAll(script.client);
    await done(
      owner.run("mutation ($id: ID!) { revokeAccessToken(id: $id) { message } }", { id: script.id }),
    );
    await requireEnded(streams);

    const second = await createScript(here, user, ["live:read"]);
    const kept = await openAll(second.client);
    await owner.run("mutation { logoutEverywhere { userId } }");
    await requireOpen(kept);
  });
});

test("the streams of an impersonation end with the session of the impersonator", async () => {
  const acting = await logInAs(here, await here.createUser({ roles: ["ADMIN"] }));
  const { data } = await acting.run(ImpersonateDocument, { userId: user.id });
  const streams = await openAll(withToken(here, data?.impersonate?.token ?? ""));
  await acting.run(LogOutDocument);
  await requireEnded(streams);
});

describe("a stream ends by itself", () => {
  const expireSoon = (column: "idle_expires_at" | "absolute_expires_at") =>
    here.database
      .updateTable("sessions")
      .set({ [column]: sql`now() + interval '1500 milliseconds'` })
      .where("user_id", "=", user.id)
      .execute();

  for (const column of ["idle_expires_at", "absolute_expires_at"] as const)
    test(`at ${column}, without a notice or an event`, async () => {
      const client = await logInAs(here, user);
      const streams = await openAll(client);
      await expireSoon(column);
      for (const stream of streams) await stream.ended;
      for (const stream of streams) expect(stream.codes()).toEqual(["UNAUTHENTICATED"]);
    });

  /** As if it had been opened so long ago. */
  const openBefore = async (age: number, client: Client): Promise<ReadStream> => {
    const { now } = performance;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now.call(performance) - age);
    try {
      return await openStream(here, client, happened);
    } finally {
      clock.mockRestore();
    }
  };

  test("after an hour, with “retry”, and not before", async () => {
    const client = await logInAs(here, user);
    const [old, young] = [await openBefore(hours(1), client), await openBefore(minutes(59), client)];
    expect([old.status, young.status]).toEqual([200, 200]);
    await old.ended;
    expect(old.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(old.text()).toMatch(/\nretry: \d+\n/);
    expect(old.text()).not.toContain("event: complete");
    await happen(1);
    expect((await young.event(1)).data).toEqual({ happened: { number: 1 } });
    young.close();
  });

  test("when its access token expires", async () => {
    const script = await createScript(here, user, ["live:read"]);
    const streams = await openAll(script.client);
    await here.database
      .updateTable("access_tokens")
      .set({ expires_at: sql`now() + interval '1500 milliseconds'` })
      .where("id", "=", script.id)
      .execute();
    for (const stream of streams) await stream.ended;
    for (const stream of streams) expect(stream.codes()).toEqual(["UNAUTHENTICATED"]);
  });
});

test("the events of a stream are no use of its session", async () => {
  const client = await logInAs(here, user);
  const [stream] = await openAll(client);
  await here.database
    .updateTable("sessions")
    .set({
      last_used_at: sql`now() - interval '1 hour'`,
      idle_expires_at: sql`now() + interval '1 hour'`,
    })
    .where("user_id", "=", user.id)
    .execute();
  const read = () =>
    here.database
      .selectFrom("sessions")
      .select(["last_used_at", "idle_expires_at"])
      .where("user_id", "=", user.id)
      .executeTakeFirstOrThrow();
  const before = await read();
  await happen(2);
  await stream?.event(2);
  expect(await read()).toEqual(before);
  // The next request is one, and is recorded though a stream has asked for its viewer meanwhile.
  await client.run("{ private { message } }");
  await expect
    .poll(async () => (await read()).last_used_at.getTime())
    .toBeGreaterThan(before.last_used_at.getTime());
  stream?.close();
});

/** Resolves when an event is being resolved, with what lets that go on. */
const startResolving = async (): Promise<() => void> => {
  const released = Promise.withResolvers<void>();
  const resolving = Promise.withResolvers<void>();
  hooks.resolve = async () => {
    resolving.resolve();
    await released.promise;
  };
  await happen(9);
  await resolving.promise;
  return released.resolve;
};

describe("an event that is being resolved is not sent", () => {
  test("when the session has ended meanwhile", async () => {
    const client = await logInAs(here, user);
    const stream = await openStream(here, client, happened);
    const release = await startResolving();
    await client.run(LogOutDocument);
    await stream.ended;
    release();
    expect(stream.events()).toMatchObject([{ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] }]);
    expect(stream.text()).toMatch(/event: complete\ndata:\n\n$/);
  });

  test("when the impersonator may no longer be one", async () => {
    const actor = await here.createUser({ roles: ["ADMIN"] });
    const { data } = await (await logInAs(here, actor)).run(ImpersonateDocument, { userId: user.id });
    const stream = await openStream(here, withToken(here, data?.impersonate?.token ?? ""), happened);
    const release = await startResolving();
    await here.database.updateTable("users").set({ roles: [] }).where("id", "=", actor.id).execute();
    await stream.ended;
    release();
    expect(stream.events()).toMatchObject([{ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] }]);
  });

  test("when a role has lost a permission, also while other streams are looked into first", async () => {
    await sql`insert into graphward.roles (name, permissions) values ('WATCHER', '{live:watch}')`.execute(
      here.database,
    );
    const others: ReadStream[] = [];
    const another = await logInAs(here, user);
    for (let index = 0; index < 10; index += 1)
      others.push(await openStream(here, another, "subscription { anything }"));
    const watcher = await logInAs(here, await here.createUser({ roles: ["WATCHER"] }));
    const stream = await openStream(here, watcher, happened);
    const release = await startResolving();
    await withLockedAccounts(here, async () => {
      await sql`delete from graphward.roles where name = 'WATCHER'`.execute(here.database);
      // As many as are looked into at once.
      await untilBlocked(here, 8);
      release();
    });
    await stream.ended;
    for (const other of others) other.close();
    expect(stream.events()).toMatchObject([{ errors: [{ extensions: { code: "SERVICE_UNAVAILABLE" } }] }]);
  });
});

describe("a server that hears no notices", () => {
  test("ends its streams with “retry”, opens none, and opens them again when it hears", async () => {
    const client = await logInAs(here, user);
    const streams = await openAll(client);
    // Without this trigger, no notice of an end would come: a server does not listen then.
    await sql`alter table graphward.sessions disable trigger sessions_deleted`.execute(here.database);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike any(array['listen graphward%', 'select count(*)::int from pg_trigger%'])`.execute(
      here.database,
    );
    for (const stream of streams) await stream.ended;
    const refused = await openStream(here, client, happened);
    await refused.ended;
    await sql`alter table graphward.sessions enable trigger sessions_deleted`.execute(here.database);
    expect([refused.status, refused.codes()]).toEqual([503, ["SERVICE_UNAVAILABLE"]]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(here.log.join("")).toContain('"reason":"revocations are not heard"');
    for (const stream of streams) {
      expect(stream.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
      expect(stream.text()).toMatch(/\nretry: [1-5]\d{3}\nevent: next\n/);
      // Clients open it again by themselves.
      expect(stream.text()).not.toContain("event: complete");
    }
    await until(async () => {
      const again = await openStream(here, client, happened);
      again.close();
      return again.status === 200;
    });
  });

  test("ends them within three seconds if it only falls silent, and a logout of that time is not missed", async () => {
    const client = await logInAs(here, user);
    const streams = await openAll(client);
    await withoutNotices(here.database, async () => {
      await client.run(LogOutDocument);
      for (const stream of streams) await stream.ended;
    });
    for (const stream of streams) expect(stream.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
    await until(async () => {
      const refused = await openStream(there, client, happened);
      await refused.ended;
      return refused.status === 401;
    });
  });
});
