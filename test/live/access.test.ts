import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Arg, Int, Query, Resolver, Root, Subscription } from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import { Client, logInAs } from "../harness/client.ts";
import { openStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import { type App, type User, withoutLimits } from "../harness/server.ts";
import { createScript, withToken } from "../harness/sign-in/access-token.ts";
import { ImpersonateDocument, LogOutDocument } from "../operations/generated/graphql.ts";
import { hooks, liveApplication } from "./application.ts";

@Resolver()
class ChosenResolver {
  @Query(() => Int)
  one(): number {
    return 1;
  }

  @Subscription(() => String, { nullable: true, topics: ({ args }) => args.topic })
  chosen(@Arg("topic", () => String) _topic: string, @Root() payload: object): string {
    return JSON.stringify(payload);
  }
}

let app: App;
let user: User;
let client: Client;
let publisher: Client;
beforeAll(async () => {
  app = await startApplication(liveApplication, {
    RATE_LIMITS: withoutLimits.replace("secret.ip=1000000/1s", "secret.ip=2/1h"),
  });
  publisher = await logInAs(app, await app.createUser());
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
  client = new Client(app);
  hooks.resolve = async () => undefined;
});

const open = (credentials: Pick<Client, "cookies" | "token">, query: string) =>
  openStream(app, credentials, query);
const refusalOf = async (credentials: Pick<Client, "cookies" | "token">, query: string) => {
  const refused = await open(credentials, query);
  await refused.ended;
  expect(refused.headers.get("content-type")).toBe("application/json; charset=utf-8");
  return [refused.status, refused.codes()];
};
const happened = 'subscription { happened(room: "hall") { number seenBy } }';

const happen = async (...numbers: readonly number[]) => {
  const answer = await publisher.run(
    'mutation ($numbers: [Int!]!) { happen(room: "hall", numbers: $numbers) }',
    { numbers },
  );
  expect(answer.codes).toEqual([]);
};
const announce = (room: string) =>
  publisher.run("mutation ($room: String!) { announce(room: $room) }", { room });

describe("before a stream opens", () => {
  test("nobody gets 401, a viewer without the permission 403, and an unknown token what a query gets", async () => {
    expect(await refusalOf(client, happened)).toEqual([401, ["UNAUTHENTICATED"]]);
    expect(await refusalOf(client, "subscription { anything }")).toEqual([401, ["UNAUTHENTICATED"]]);
    const refused = await open(client, happened);
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    const known = await logInAs(app, user);
    expect(await refusalOf(known, "subscription { watched }")).toEqual([403, ["FORBIDDEN"]]);
    expect(await refusalOf({ cookies: client.cookies, token: `gws_${"a".repeat(43)}` }, happened)).toEqual([
      401,
      ["UNAUTHENTICATED"],
    ]);
  });

  test("a refusal is JSON of the kind that the client accepts", async () => {
    const accept = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json";
    const refused = await openStream(app, client, happened, { accept });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("content-type")).toBe("application/graphql-response+json; charset=utf-8");
    await refused.ended;
  });

  test("a refusal of a viewer is a security event, as for a query", async () => {
    const known = await logInAs(app, user);
    await refusalOf(known, "subscription { watched }");
    await until(async () => {
      const events = await app.database
        .selectFrom("audit_events")
        .select("details")
        .where("user_id", "=", user.id)
        .where("type", "=", "ACCESS_REFUSED")
        .execute();
      return JSON.stringify(events) === '[{"details":{"field":"watched"}}]';
    });
  });

  test("an access token needs the scope, and an impersonator a field that is impersonable", async () => {
    const reader = await createScript(app, user, ["live:read"]);
    const other = await createScript(app, user, ["profile:read"]);
    for (const query of [happened, "subscription { anything }"])
      expect(await refusalOf(other.client, query)).toEqual([403, ["FORBIDDEN"]]);
    expect(await refusalOf(reader.client, "subscription { anything }")).toEqual([403, ["FORBIDDEN"]]);
    const stream = await open(reader.client, happened);
    await happen(1);
    expect((await stream.event(1)).data).toMatchObject({ happened: { seenBy: user.id } });
    stream.close();

    const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    const { data } = await administrator.run(ImpersonateDocument, { userId: user.id });
    const acting = withToken(app, data?.impersonate?.token ?? "");
    expect(await refusalOf(acting, "subscription { anything }")).toEqual([403, ["FORBIDDEN"]]);
    const seen = await open(acting, happened);
    await happen(2);
    expect((await seen.event(1)).data).toMatchObject({ happened: { seenBy: user.id } });
    seen.close();
  });

  test("the budget of a field is spent once for a stream, and by no event", async () => {
    const known = await logInAs(app, user);
    const [first, second] = [
      await open(known, "subscription { charged }"),
      await open(known, "subscription { charged }"),
    ];
    await happen(1, 2, 3, 4);
    await first.event(4);
    expect(first.codes()).toEqual([]);
    expect(await refusalOf(known, "subscription { charged }")).toEqual([429, ["RATE_LIMITED"]]);
    first.close();
    second.close();
  });
});

test("a topic that an argument chooses is none of Graphward's, and has no id", async () => {
  const chosen = await startApplication({ ...liveApplication, resolvers: [ChosenResolver] });
  const stranger = await logInAs(chosen, await chosen.createUser());
  for (const topic of ["graphward_audit", `graphward_sessions ${user.id}`, `SENT ${user.id}`]) {
    const query = "subscription ($topic: String!) { chosen(topic: $topic) }";
    const stream = await openStream(chosen, stranger, query, { variables: { topic } });
    await stream.ended;
    expect([topic, stream.status, stream.codes()]).toEqual([topic, 500, ["INTERNAL_SERVER_ERROR"]]);
  }
  await chosen.close();
});

describe("a public stream", () => {
  test("is open to nobody, and shows a viewer what the viewer may see", async () => {
    const script = await createScript(app, user, ["profile:read"]);
    const reader = await createScript(app, user, ["live:read"]);
    const known = await logInAs(app, user);
    const streams = [];
    for (const credentials of [client, script.client, reader.client, known])
      streams.push(await open(credentials, "subscription { announced }"));
    // The filter lets it through for viewers only; a token without the scope is nobody there too.
    await announce("of users");
    await announce("of all");
    const [nobody, outOfReach, inReach, own] = streams;
    expect((await nobody?.event(1))?.data).toEqual({ announced: "nobody" });
    expect((await outOfReach?.event(1))?.data).toEqual({ announced: "nobody" });
    expect((await inReach?.event(2))?.data).toEqual({ announced: user.id });
    expect((await own?.event(2))?.data).toEqual({ announced: user.id });
    expect([nobody?.events().length, outOfReach?.events().length]).toEqual([1, 1]);
    for (const stream of streams) stream.close();
  });

  test("ends with the session of its viewer, and goes on for nobody", async () => {
    const known = await logInAs(app, user, "SESSION_AND_TOKEN");
    const [own, nobody] = [
      await open(known, "subscription { announced }"),
      await open(client, "subscription { announced }"),
    ];
    await known.run(LogOutDocument);
    await own.ended;
    expect(own.codes()).toEqual(["UNAUTHENTICATED"]);
    await announce("of all");
    await nobody.event(1);
    nobody.close();
  });
});

describe("each event is authorised again", () => {
  const grant = async (name: string, permissions: readonly string[]) =>
    app.database
      .insertInto("roles")
      .values({ name, permissions: [...permissions] })
      .execute();

  test("a viewer who lost the permission gets no further event", async () => {
    await grant("WATCHER", ["live:watch"]);
    await app.database
      .updateTable("users")
      .set({ roles: ["WATCHER"] })
      .where("id", "=", user.id)
      .execute();
    const watcher = await logInAs(app, user);
    const stream = await open(watcher, "subscription { watched }");
    await happen(1);
    await stream.event(1);
    await app.database.deleteFrom("roles").where("name", "=", "WATCHER").execute();
    await happen(2);
    await stream.ended;
    expect(stream.events().filter(({ data }) => data)).toEqual([{ data: { watched: 1 } }]);
    expect(stream.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(await refusalOf(watcher, "subscription { watched }")).toEqual([403, ["FORBIDDEN"]]);
  });

  test("also where no notice of the change is sent: the row alone decides", async () => {
    await grant("SILENT", ["live:watch"]);
    await app.database
      .updateTable("users")
      .set({ roles: ["SILENT"] })
      .where("id", "=", user.id)
      .execute();
    const quiet = await startApplication(liveApplication, {
      DATABASE_URL: app.config.databaseUrl ?? "",
      SESSION_SECRET: app.config.sessionSecrets.join(),
      VIEWER_CACHE: "off",
    });
    const watcher = await logInAs(quiet, user);
    const stream = await openStream(quiet, watcher, "subscription { watched }");
    await happen(1);
    await stream.event(1);
    await sql`alter table graphward.roles disable trigger roles_changed`.execute(app.database);
    await app.database.deleteFrom("roles").where("name", "=", "SILENT").execute();
    await happen(2);
    await stream.ended;
    await sql`alter table graphward.roles enable trigger roles_changed`.execute(app.database);
    expect(stream.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(stream.events().filter(({ data }) => data)).toEqual([{ data: { watched: 1 } }]);
    await quiet.close();
  });
});
