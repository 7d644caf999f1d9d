import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
import { writeRequest } from "../harness/connections/socket.ts";
import { openStream, type ReadStream, type StreamOptions } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";
import { hooks, liveApplication, lockedRooms } from "./application.ts";

let app: App;
let user: User;
let client: Client;
/** Each test has a room of its own: events of another are none of its own. */
let room: string;
let rooms = 0;
/** Nothing happens in their room. Open while the other tests run: a beat comes once in fifteen seconds. */
let idle: readonly ReadStream[];
beforeAll(async () => {
  app = await startApplication(liveApplication);
  const watcher = await logInAs(app, await app.createUser());
  const inAttic = { variables: { room: "attic" } };
  idle = [await open(inAttic, watcher), await open({ ...inAttic, accept: multipart }, watcher)];
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
  client = await logInAs(app, user, "SESSION_AND_TOKEN");
  hooks.resolve = async () => undefined;
  rooms += 1;
  room = `room-${rooms}`;
});

const happened =
  "subscription Happened($room: String!) { happened(room: $room) { room number seenBy ofContext } }";
const multipart = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json";

const open = (options: StreamOptions = {}, credentials: Pick<Client, "cookies" | "token"> = client) =>
  openStream(app, credentials, happened, { variables: { room }, ...options });

const happen = async (...numbers: readonly number[]) => {
  const answer = await client.run(
    "mutation ($room: String!, $numbers: [Int!]!) { happen(room: $room, numbers: $numbers) }",
    { room, numbers },
  );
  expect(answer.codes).toEqual([]);
};

const numbersOf = (stream: Awaited<ReturnType<typeof open>>) =>
  stream.events().map(({ data }) => (data?.happened as { number: number } | undefined)?.number);

describe("a stream", () => {
  test("is server-sent events, which arrive as they happen, with the headers of every response", async () => {
    const stream = await open();
    expect(stream.status).toBe(200);
    const of = (name: string) => stream.headers.get(name);
    expect(of("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(of("x-accel-buffering")).toBe("no");
    expect(of("cache-control")).toBe("no-store");
    expect(of("x-content-type-options")).toBe("nosniff");
    expect(of("x-request-id")).toMatch(/^[\w-]{36}$/);
    expect([of("content-encoding"), of("content-length")]).toEqual([null, null]);
    await happen(1);
    expect(await stream.event(1)).toEqual({
      data: { happened: { room, number: 1, seenBy: user.id, ofContext: 2 } },
    });
    await happen(2);
    expect((await stream.event(2)).data).toMatchObject({ happened: { number: 2 } });
    stream.close();
  });

  test("is Apollo's multipart for a client that asks for it, and the format that a client likes more", async () => {
    const stream = await open({ accept: multipart });
    expect(stream.headers.get("content-type")).toBe(
      "multipart/mixed; boundary=graphql; subscriptionSpec=1.0",
    );
    await happen(1);
    expect((await stream.event(1)).data).toMatchObject({ happened: { number: 1 } });
    stream.close();
    for (const [accept, type] of [
      ["text/event-stream, multipart/mixed", "text/event-stream"],
      ["text/event-stream;q=0.1, multipart/mixed;subscriptionSpec=1.0", "multipart/mixed"],
      ["TEXT/Event-Stream", "text/event-stream"],
    ] as const) {
      const chosen = await open({ accept });
      expect(chosen.headers.get("content-type")).toContain(type);
      chosen.close();
    }
  });

  test("opens by GET with the cookie alone, as a browser's EventSource does", async () => {
    const browser = { cookies: client.cookies, token: null };
    const stream = await open({ method: "GET" }, browser);
    await happen(1);
    expect((await stream.event(1)).data).toMatchObject({ happened: { seenBy: user.id } });
    stream.close();
    const across = await open(
      { method: "GET", headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" } },
      browser,
    );
    expect([across.status, await across.ended, across.codes()]).toEqual([
      403,
      undefined,
      ["CROSS_SITE_REQUEST"],
    ]);
  });

  test("is refused to a client that accepts no stream, which would wait for an end that never comes", async () => {
    for (const accept of ["application/json", "*/*", "multipart/mixed", "text/event-stream;q=0"]) {
      const refused = await open({ accept });
      await refused.ended;
      expect([refused.status, refused.codes()]).toEqual([406, ["BAD_REQUEST"]]);
      expect(refused.text()).toContain("text/event-stream");
    }
  });

  test("is written into the request log when it ends, with its user and operation and none of its values", async () => {
    const before = app.log.length;
    const stream = await open();
    const id = stream.headers.get("x-request-id") ?? "none";
    const line = () =>
      app.log
        .slice(before)
        .map((text) => JSON.parse(text))
        .find((it) => it.msg === "request" && it.requestId === id);
    expect(line()).toBeUndefined();
    stream.close();
    await until(async () => line() !== undefined);
    expect(line()).toMatchObject({
      userId: user.id,
      operationName: "Happened",
      status: 200,
      path: "/graphql",
    });
  });
});

describe("an event", () => {
  test("is sent after the commit of its transaction, and not at all if it is rolled back", async () => {
    const hall = await open({ variables: { room: "hall" } });
    for (const field of ["happen", "happenByManager", "happenByKysely"]) {
      const where = field === "happen" ? 'room: "hall", ' : "";
      const refused = await client.run(`mutation { ${field}(${where}numbers: [7, 8], fails: true) }`);
      expect(refused.codes).toEqual(["FORBIDDEN"]);
      expect((await client.run(`mutation { ${field}(${where}numbers: [1, 2]) }`)).codes).toEqual([]);
    }
    await hall.event(6);
    expect(numbersOf(hall)).toEqual([1, 2, 1, 2, 1, 2]);
    hall.close();
  });

  test("comes in the order of the commits", async () => {
    const stream = await open();
    for (let number = 1; number <= 20; number += 1) await happen(number, number + 100);
    await stream.event(40);
    expect(numbersOf(stream)).toEqual(
      Array.from({ length: 20 }, (_item, index) => [index + 1, index + 101]).flat(),
    );
    stream.close();
  });

  test("is filtered and resolved in a context of its own", async () => {
    const stream = await open();
    await happen(1, 2, 3);
    await stream.event(3);
    const counts = stream.events().map(({ data }) => data?.happened);
    expect(counts).toMatchObject([{ ofContext: 2 }, { ofContext: 2 }, { ofContext: 2 }]);
    stream.close();
  });

  test("reaches the subscriptions whose filter accepts it, and those of one of its topics", async () => {
    const elsewhere = await open({ variables: { room: "nowhere" } });
    const anything = await openStream(app, client, "subscription { anything }");
    await client.run('mutation { announce(room: "hall") }');
    await happen(5);
    await anything.event(2);
    expect(anything.events()).toEqual([{ data: { anything: 0 } }, { data: { anything: 5 } }]);
    expect(elsewhere.events()).toEqual([]);
    elsewhere.close();
    anything.close();
  });

  test("with an id reaches the subscriptions with that topicId, and no others", async () => {
    const other = await app.createUser();
    const mine = await openStream(app, client, "subscription { sent }");
    const send = (to: string, number: number) =>
      client.run("mutation ($to: ID!, $number: Int!) { send(to: $to, number: $number) }", { to, number });
    await send(other.id, 1);
    await send(user.id, 2);
    await mine.event(1);
    expect(mine.events()).toEqual([{ data: { sent: 2 } }]);
    mine.close();
  });

  test("of a room reaches the streams of that room, whose opening is refused where the viewer may not enter", async () => {
    const source = "subscription ($room: ID!) { entered(room: $room) }";
    const enter = (into: string, number: number) =>
      client.run("mutation ($room: ID!, $number: Int!) { enter(room: $room, number: $number) }", {
        room: into,
        number,
      });
    lockedRooms.add("cellar");
    const refused = await openStream(app, client, source, { variables: { room: "cellar" } });
    await refused.ended;
    expect([refused.status, refused.codes()]).toEqual([404, ["NOT_FOUND"]]);
    const stream = await openStream(app, client, source, { variables: { room } });
    for (const [into, number] of [
      ["attic", 1],
      [room, 2],
    ] as const)
      expect((await enter(into, number)).codes).toEqual([]);
    await stream.event(1);
    expect(stream.events()).toEqual([{ data: { entered: 2 } }]);
    stream.close();
  });

  test("whose resolver throws an error of ours goes on to the next one", async () => {
    const stream = await open();
    await happen(-1, 2);
    await stream.event(2);
    expect(stream.events()).toMatchObject([
      { data: { happened: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] },
      { data: { happened: { number: 2 } } },
    ]);
    stream.close();
  });

  test("cannot be changed by the resolver of another viewer: all share its payload", async () => {
    hooks.resolve = async (payload) => {
      Object.assign(payload, { room: "of a thief" });
    };
    const stream = await open();
    await happen(1);
    expect((await stream.event(1)).errors?.[0]?.extensions.code).toBe("INTERNAL_SERVER_ERROR");
    stream.close();
  });

  test("that is too large, of a topic of ours or of a wrong name, is an error for developers", async () => {
    const publishAs = (kind: string, size: number) =>
      client.run("mutation ($kind: String!, $size: Int!) { publishAs(kind: $kind, size: $size) }", {
        kind,
        size,
      });
    expect((await publishAs("right", 7_000)).codes).toEqual([]);
    for (const [kind, size, reason] of [
      ["right", 7_200, "is larger than 7168 bytes"],
      ["ours", 1, "are Graphward's"],
      ["wrong", 1, "letters, digits and underscores"],
    ] as const) {
      const before = app.log.length;
      expect((await publishAs(kind, size)).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
      expect(app.log.slice(before).join("")).toContain(reason);
    }
  });

  describe("that is published without waiting for it", () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    beforeAll(() => void process.on("unhandledRejection", note));
    afterAll(() => void process.off("unhandledRejection", note));

    test("fails its resolver if its payload is not JSON or too large, with the topic and what to do", async () => {
      for (const [what, reason] of [
        ["oversized", "An event of LEFT is larger than 7168 bytes: publish ids"],
        [
          "bignumber",
          "An event of LEFT is not JSON: its payload cannot be written: Do not know how to serialize a BigInt. Publish plain",
        ],
        [
          "selfholding",
          "An event of LEFT is not JSON: its payload cannot be written: Converting circular structure",
        ],
        ["absent", "An event of LEFT is not JSON: its payload is undefined. Publish plain objects"],
        ["callable", "An event of LEFT is not JSON: its payload is function. Publish plain objects"],
      ] as const) {
        const before = app.log.length;
        const answer = await client.run("mutation ($what: String!) { publishAndLeave(what: $what) }", {
          what,
        });
        expect([what, answer.codes]).toEqual([what, ["INTERNAL_SERVER_ERROR"]]);
        expect(app.log.slice(before).join("")).toContain(reason);
      }
      expect(unhandled).toEqual([]);
    });

    test("does not end the server if the database refuses it, and fails the commit of its transaction", async () => {
      const before = app.log.length;
      expect((await client.run("mutation { publishInVain }")).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
      expect(app.log.slice(before).join("")).toContain("AbortedTransactionError");
      // Node says what nobody has handled when the promises of this turn are over.
      await until(async () => (await client.run("{ one }")).status === 200);
      expect(unhandled).toEqual([]);
    });
  });
});

describe("a stream of the application's own", () => {
  test("completes when it ends", async () => {
    const stream = await openStream(app, client, "subscription { counted }");
    await stream.ended;
    expect(stream.events()).toEqual([{ data: { counted: 1 } }, { data: { counted: 2 } }]);
    expect(stream.text()).toMatch(/event: complete\ndata:\n\n$/);
  });

  test("that throws ends with a masked error", async () => {
    const before = app.log.length;
    const stream = await openStream(app, client, "subscription { broken }");
    await stream.ended;
    expect(stream.events()[0]).toEqual({ data: { broken: 1 } });
    expect(stream.codes()).toEqual(["INTERNAL_SERVER_ERROR"]);
    expect(stream.text()).not.toContain("marguerite");
    expect(app.log.slice(before).join("")).toContain("stream failed");
  });
});

describe("a document", () => {
  const refusalOf = async (query: string, variables: Record<string, unknown> = {}) => {
    const refused = await openStream(app, client, query, { variables });
    await refused.ended;
    return [refused.status, [...new Set(refused.codes())]];
  };

  test("has one root field, and no part of the schema", async () => {
    for (const query of [
      "subscription { anything sent }",
      "subscription { anything __typename }",
      "subscription { __schema { queryType { name } } }",
      "subscription { ...Two } fragment Two on Subscription { anything sent }",
    ])
      expect(await refusalOf(query)).toEqual([400, ["GRAPHQL_VALIDATION_FAILED"]]);
    expect(await refusalOf("subscription { anythin }")).toEqual([400, ["GRAPHQL_VALIDATION_FAILED"]]);
    expect(await refusalOf("subscription {")).toEqual([400, ["GRAPHQL_PARSE_FAILED"]]);
  });

  test("keeps to the limits of documents and variables", async () => {
    const aliases = Array.from({ length: 60 }, (_item, index) => `a${index}: number`).join(" ");
    expect(await refusalOf(`subscription { happened(room: "hall") { ${aliases} } }`)).toEqual([
      400,
      ["GRAPHQL_VALIDATION_FAILED"],
    ]);
    const unused = Object.fromEntries(Array.from({ length: 2_000 }, (_item, index) => [`v${index}`, index]));
    expect(await refusalOf(happened, { room, ...unused })).toEqual([400, ["GRAPHQL_VALIDATION_FAILED"]]);
  });

  test("with a variable that does not fit says which, and not its value", async () => {
    const refused = await openStream(app, client, happened, { variables: { room: 12345678 } });
    await refused.ended;
    expect([refused.status, refused.codes()]).toEqual([400, ["BAD_USER_INPUT"]]);
    expect(refused.text()).not.toContain("12345678");
  });

  test("is a query or a mutation as before, whatever the client accepts", async () => {
    for (const query of ["query Subscription { one }", "{ one } # subscription"]) {
      const answer = await openStream(app, client, query, { accept: "application/json, text/event-stream" });
      await answer.ended;
      expect(answer.text()).toContain('{"one":1}');
    }
  });
});

test("a reader that does not read is dropped when a mebibyte waits for it, and only that one", async () => {
  const large = "x".repeat(6_000);
  const aliases = Array.from({ length: 10 }, (_item, index) => `a${index}: room`).join(" ");
  const query = `subscription Slow($room: String!) { happened(room: $room) { number ${aliases} } }`;
  const body = JSON.stringify({ query, variables: { room: large } });
  // Its socket is never read.
  const slow = connect(app.server.port, "127.0.0.1").on("error", () => undefined);
  slow.write(
    writeRequest(
      "POST /graphql",
      {
        accept: "text/event-stream",
        "content-type": "application/json",
        authorization: `Bearer ${client.token}`,
        connection: undefined,
      },
      body,
    ),
  );
  const reader = await openStream(app, client, query, { variables: { room: large } });
  const dropped = () =>
    app.log.some((line) => line.includes('"operationName":"Slow"') && line.includes('"finished":false'));
  let sent = 0;
  await until(async () => {
    const numbers = Array.from({ length: 20 }, () => {
      sent += 1;
      return sent;
    });
    await client.run(
      "mutation ($room: String!, $numbers: [Int!]!) { happen(room: $room, numbers: $numbers) }",
      {
        room: large,
        numbers,
      },
    );
    await reader.event(sent);
    return dropped();
  });
  reader.close();
  slow.destroy();
});

test("a stream that is slower than its events ends with “retry” when more than a thousand wait for it, and only that one", async () => {
  const released = Promise.withResolvers<void>();
  hooks.resolve = () => released.promise;
  const reader = await openStream(app, client, "subscription { anything }");
  let count = 0;
  // Few at once: a reader that keeps up takes them before the next ones.
  const happenTimes = async (times: number) => {
    for (let left = times; left > 0; left -= 250) {
      const numbers = Array.from({ length: Math.min(left, 250) }, (_item, index) => count + index + 1);
      count += numbers.length;
      await happen(...numbers);
      await reader.event(count);
    }
  };
  const late = await open();
  await happenTimes(1);
  const inTime = await open();
  await happenTimes(1_001);
  released.resolve();
  await late.ended;
  expect(late.events()).toMatchObject([
    { data: { happened: { number: 1 } } },
    { errors: [{ extensions: { code: "SERVICE_UNAVAILABLE" } }] },
  ]);
  expect(late.text()).toMatch(/\nretry: \d+\n/);
  expect(late.text()).not.toContain("event: complete");
  await inTime.event(1_001);
  expect(numbersOf(inTime).slice(-1)).toEqual([1_002]);
  for (const stream of [reader, inTime]) stream.close();
});

test("a stream beats while nothing happens", async () => {
  const [events, parts] = idle;
  const countBeats = (stream: ReadStream | undefined, beat: string) =>
    (stream?.text().split(beat).length ?? 0) - 1;
  // Each second one of fifteen streams beats: within 16 seconds each.
  await until(async () => countBeats(events, ":\n\n") >= 2 && countBeats(parts, "{}") >= 2);
  expect(idle.map((stream) => stream.events())).toEqual([[], []]);
  for (const stream of idle) stream.close();
});
