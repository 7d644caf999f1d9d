import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtExplorer } from "../../src/explorer/serve.ts";
import { Client } from "../harness/client.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { LogInDocument } from "../operations/generated/graphql.ts";

let app: App;
let user: User;
beforeAll(async () => {
  app = await startApp();
  user = await app.createUser();
});
afterAll(() => app.close());

const anonymous = () => new Client(app);
const publicQuery = '{"query":"{ public { message } }"}';
const expectHonestRequestToSucceed = async () =>
  expect((await anonymous().post(publicQuery)).status).toBe(200);

const expectRefusal = async (answer: Awaited<ReturnType<Client["post"]>>, status: number, code: string) => {
  expect([answer.status, answer.codes]).toEqual([status, [code]]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/(graphql-response\+)?json/);
  await expectHonestRequestToSucceed();
};

describe("the cross-site rules", () => {
  const origin = () => app.origin;
  const headersOf: Record<string, () => Record<string, string>> = {
    "Sec-Fetch-Site: same-origin": () => ({ "sec-fetch-site": "same-origin" }),
    "Sec-Fetch-Site: none": () => ({ "sec-fetch-site": "none" }),
    "a listed Origin": () => ({ origin: origin() }),
    "a listed Origin from another site": () => ({ origin: origin(), "sec-fetch-site": "same-site" }),
    "neither header": () => ({}),
    "sec-fetch-mode alone, as Node's fetch sends it": () => ({ "sec-fetch-mode": "cors" }),
  };
  const foreign: Record<string, () => Record<string, string>> = {
    "another Origin": () => ({ origin: "https://evil.example" }),
    "Origin: null": () => ({ origin: "null" }),
    "our host on another port": () => ({ origin: "http://localhost:1" }),
    "our host on another scheme": () => ({ origin: origin().replace("http:", "https:") }),
    "a sibling subdomain": () => ({ origin: origin().replace("localhost", "sub.localhost") }),
    "an Origin that begins like ours": () => ({ origin: `${origin()}.evil.example` }),
    "Sec-Fetch-Site: cross-site": () => ({ "sec-fetch-site": "cross-site" }),
    "Sec-Fetch-Site: same-site": () => ({ "sec-fetch-site": "same-site" }),
    "another Origin and a junk Authorization header": () => ({
      origin: "https://evil.example",
      authorization: "junk",
    }),
  };

  test.each(Object.keys(headersOf))("let pass: %s", async (name) => {
    expect((await anonymous().post(publicQuery, headersOf[name]?.())).status).toBe(200);
  });

  test.each(Object.keys(foreign))("refuse: %s, by POST and by GET, a login included", async (name) => {
    const headers = foreign[name]?.() ?? {};
    await expectRefusal(await anonymous().post(publicQuery, headers), 403, "CROSS_SITE_REQUEST");
    await expectRefusal(
      await anonymous().send({ path: "?query={public{message}}", headers }),
      403,
      "CROSS_SITE_REQUEST",
    );
    const { username, password } = user;
    const login = {
      query: "mutation($u:String!,$p:String!){login(username:$u,password:$p){userId}}",
      variables: { u: username, p: password },
    };
    const answer = await anonymous().post(JSON.stringify(login), headers);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
  });

  test("let a page be opened from another site, and no query with it", async () => {
    // Node's fetch sets sec-fetch-mode itself.
    const navigate = async (path: string) => {
      const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", accept: "text/html" };
      const [answer] = (await once(get(app.url + path, { headers }), "response")) as [IncomingMessage];
      answer.resume();
      return [answer.statusCode, answer.headers["content-type"]];
    };
    expect(await navigate("")).toEqual([200, "text/html; charset=utf-8"]);
    for (const path of ["?query={public{message}}", "?x=?&query={public{message}}"])
      expect(await navigate(path)).toEqual([403, "application/json; charset=utf-8"]);
  });

  test.each([
    ["what is no navigation", { "sec-fetch-mode": "no-cors" }, "GET"],
    ["a form that is posted", { "sec-fetch-mode": "navigate" }, "POST"],
    ["a navigation that names another Origin", { "sec-fetch-mode": "navigate", origin: "null" }, "GET"],
  ])("refuse %s, without a query too", async (_name, headers, method) => {
    const sent = get(app.url, {
      method,
      headers: { "sec-fetch-site": "cross-site", accept: "text/html", ...headers },
    });
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(403);
  });
});

describe("CORS", () => {
  test("answers listed origins exactly, with credentials, on errors as well", async () => {
    for (const body of [publicQuery, "no json"]) {
      const { headers } = await anonymous().post(body, { origin: app.origin });
      expect(headers.get("access-control-allow-origin")).toBe(app.origin);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(headers.get("access-control-expose-headers")).toBe("Retry-After,WWW-Authenticate,X-Request-Id");
    }
  });

  test("tells other origins nothing, and always varies by origin", async () => {
    for (const headers of [{}, { origin: "https://evil.example" }]) {
      const answer = await anonymous().post(publicQuery, headers);
      expect(answer.headers.has("access-control-allow-origin")).toBe(false);
      expect(answer.headers.get("vary")).toContain("Origin");
    }
  });

  test("answers a preflight of a listed origin", async () => {
    const headers = {
      origin: app.origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    };
    const answer = await anonymous().send({ method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-methods")).toBe("GET,POST");
    expect(answer.headers.get("access-control-allow-headers")).toBe("authorization,content-type");
    expect(answer.headers.get("access-control-max-age")).toBe("600");
  });

  test("answers a preflight of another origin with nothing, and OPTIONS with what is allowed", async () => {
    const headers = {
      origin: "https://evil.example",
      "access-control-request-method": "POST",
      "sec-fetch-site": "cross-site",
    };
    for (const answer of [
      await anonymous().send({ method: "OPTIONS", headers }),
      await anonymous().send({ method: "OPTIONS" }),
    ]) {
      expect([answer.status, answer.headers.get("allow")]).toEqual([204, "GET, POST, OPTIONS"]);
      expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    }
  });
});

describe("GraphQL over HTTP", () => {
  test("runs queries by GET, as stock urql sends them, and no mutation", async () => {
    expect(
      (await anonymous().send<{ public: unknown }>({ path: "?query={public{message}}" })).data?.public,
    ).toBeDefined();
    const mutation = await anonymous().send({ path: "?query=mutation{logout{message}}" });
    await expectRefusal(mutation, 405, "METHOD_NOT_ALLOWED");
    expect(mutation.headers.get("allow")).toBe("POST");
  });

  test("reads a query by GET to its end, whatever question marks it holds", async () => {
    const query = 'query($name:String!){__type(name:$name){name}}&variables={"name":"what?"}';
    expect((await anonymous().send({ path: `?x=?&query=${query}` })).data).toEqual({ __type: null });
  });

  test("answers what carries a query with JSON, also a browser that would take a page", async () => {
    const accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    for (const answer of [
      await anonymous().send({ path: "?query={public{message}}", headers: { accept } }),
      await anonymous().post(publicQuery, { accept }),
    ]) {
      expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(answer.text).toContain("Public access allowed!");
    }
    const asked = await anonymous().post(publicQuery, { accept: "application/graphql-response+json" });
    expect(asked.headers.get("content-type")).toBe("application/graphql-response+json; charset=utf-8");
  });

  test.each(["PUT", "DELETE", "PATCH", "HEAD"])("answers %s with 405 and what is allowed", async (method) => {
    const answer = await anonymous().send({ method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST, OPTIONS"]);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-7",
    "application/json; charset=utf-16",
    "application/graphql",
    "application/json, text/plain",
    "nonsense",
  ])("refuses a body of type %s, whatever other header comes with it", async (type) => {
    const headers = {
      "content-type": type,
      "apollo-require-preflight": "true",
      "x-apollo-operation-name": "Public",
    };
    await expectRefusal(await anonymous().post(publicQuery, headers), 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  test("refuses a body without a type", async () => {
    const headers: Record<string, string> = {};
    const answer = await anonymous().send({
      method: "POST",
      body: new TextEncoder().encode(publicQuery),
      headers,
    });
    await expectRefusal(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  test.each(["application/json", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'])(
    "takes %s",
    async (type) => {
      expect((await anonymous().post(publicQuery, { "content-type": type })).status).toBe(200);
    },
  );

  test.each([
    "no json",
    "",
    "[]",
    "null",
    '"text"',
    "1",
    "{}",
    '{"query":1}',
    '{"query":""}',
    '{"query":"{ public { message } }","variables":"x"}',
    `[${publicQuery}]`,
    `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${"0".repeat(64)}"}}}`,
  ])("answers the body %s with 400", async (body) =>
    expectRefusal(await anonymous().post(body), 400, "BAD_REQUEST"),
  );

  test("refuses a GET that names another type", async () => {
    const answer = await anonymous().send({
      path: "?query={public{message}}",
      headers: { "content-type": "text/plain" },
    });
    await expectRefusal(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  test("answers a body that is no UTF-8 with 400", async () => {
    const bytes = Buffer.from('{"query":"{ public { message } } #\xff"}', "latin1");
    await expectRefusal(await anonymous().post(new Uint8Array(bytes)), 400, "BAD_REQUEST");
  });

  test("answers a body that is not packed as it says with 400, and an unknown packing with 415", async () => {
    const packedWith = (encoding: string) => anonymous().post(publicQuery, { "content-encoding": encoding });
    await expectRefusal(await packedWith("gzip"), 400, "BAD_REQUEST");
    await expectRefusal(await packedWith("nonsense"), 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  test("answers more than 100 KiB with 413, also when gzip makes it small", async () => {
    const large = JSON.stringify({ query: `{ public { message } } #${"x".repeat(200_000)}` });
    const refused = await anonymous().post(large);
    await expectRefusal(refused, 413, "PAYLOAD_TOO_LARGE");
    expect(refused.headers.get("connection")).toBe("close");
    const ofLength = (length: number) => publicQuery.padEnd(length);
    expect((await anonymous().post(ofLength(100 * 1024))).status).toBe(200);
    expect((await anonymous().post(ofLength(100 * 1024 + 1))).status).toBe(413);
    const packed = new Uint8Array(gzipSync(large));
    await expectRefusal(
      await anonymous().post(packed, { "content-encoding": "gzip" }),
      413,
      "PAYLOAD_TOO_LARGE",
    );
    expect(
      (await anonymous().post(new Uint8Array(gzipSync(publicQuery)), { "content-encoding": "gzip" })).status,
    ).toBe(200);
  });

  test("answers what is no HTTP with JSON too", async () => {
    const socket = connect(app.server.port, "127.0.0.1");
    socket.end("NONSENSE\r\n\r\n");
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
      errors: [{ extensions: { code: "BAD_REQUEST" } }],
    });
    await expectHonestRequestToSucceed();
  });

  test("answers headers that are too long with 431, in JSON", async () => {
    const socket = connect(app.server.port, "127.0.0.1");
    socket.end(`GET /graphql HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain("BAD_REQUEST");
  });
});

describe.concurrent("a slow client", () => {
  const post = "POST /graphql HTTP/1.1\r\nHost: localhost\r\n";
  test.each([
    ["its headers", 10, post],
    ["its body", 20, `${post}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`],
  ])("that never ends %s is told 408 after %d s", async (_name, seconds, begun) => {
    const start = performance.now();
    const socket = connect(app.server.port, "127.0.0.1");
    socket.write(begun);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - start).toBeLessThan((seconds + 5) * 1000);
  });
});

describe("every answer", () => {
  const open = (path: string) => fetch(app.origin + path);

  test("carries the security headers and a request id, refusals included", async () => {
    for (const answer of [
      await open("/graphql?query={public{message}}"),
      await open('/graphql?extensions={"persistedQuery":{"version":1,"sha256Hash":"0"}}'),
      await open("/graphql"),
      await open("/nothing"),
      await open("/health/live"),
    ]) {
      const { headers } = answer;
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      );
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      for (const absent of ["x-powered-by", "etag", "strict-transport-security"])
        expect(headers.has(absent)).toBe(false);
    }
  });

  test("has a request id that the client did not choose", async () => {
    const { headers } = await anonymous().post(publicQuery, { "x-request-id": "chosen" });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("to an unknown route is a JSON 404", async () => {
    for (const path of [
      "/",
      "/graphql/x",
      "/explorer/../../package.json",
      "/%",
      "/explorer/assets/none.js",
    ]) {
      const answer = await open(path);
      const body = (await answer.json()) as { errors: { extensions: { code: string } }[] };
      expect([
        path,
        answer.status >= 400 && answer.status < 500,
        typeof body.errors[0]?.extensions.code,
      ]).toEqual([path, true, "string"]);
    }
  });
});

test("a page says what only pages need: no window of another origin, no plug-in, no guess at names", async () => {
  const page = await new Client(app).send({ headers: { accept: "text/html" } });
  const names = ["cross-origin-opener-policy", "x-permitted-cross-domain-policies", "x-dns-prefetch-control"];
  expect(names.map((name) => page.headers.get(name))).toEqual(["same-origin", "none", "off"]);
  const data = await new Client(app).run("{ public { message } }");
  expect(names.map((name) => data.headers.get(name))).toEqual([null, null, null]);
});

test("with introspection and the explorer off there is neither schema nor page", async () => {
  const closed = await startApp({ INTROSPECTION: "off", EXPLORER: "off" });
  const introspection = '{"query":"{ __schema { queryType { name } } }"}';
  expect((await new Client(app).post(introspection)).codes).toEqual([]);
  expect((await new Client(closed).post(introspection)).codes).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  const page = await new Client(closed).send({ headers: { accept: "text/html,*/*;q=0.8" } });
  expect([page.status, page.codes]).toEqual([400, ["BAD_REQUEST"]]);
  const assets = await readdir(join(builtExplorer, "assets"));
  const statuses = [app, closed].map(
    async ({ origin }) => (await fetch(`${origin}/explorer/assets/${assets[0]}`)).status,
  );
  expect(await Promise.all(statuses)).toEqual([200, 404]);
  await closed.close();
});

describe("health", () => {
  test("live and ready answer GET and HEAD, and nothing else", async () => {
    for (const path of ["/health/live", "/health/ready"]) {
      expect((await fetch(app.origin + path)).status).toBe(200);
      expect((await fetch(app.origin + path, { method: "HEAD" })).status).toBe(200);
      expect((await fetch(app.origin + path, { method: "POST" })).status).toBe(405);
    }
  });
});

describe("behind https", () => {
  test("cookies are Secure with the __Host- name, whatever the hop before us speaks, and HSTS is sent", async () => {
    const secure = await startApp({ PUBLIC_URL: "https://api.example.com" });
    const client = new Client(secure);
    await client.logIn(await secure.createUser(), "SESSION");
    expect([...client.cookies.keys()]).toEqual(["__Host-graphward"]);
    const { headers } = await client.run(LogInDocument, { ...(await secure.createUser()), mode: "SESSION" });
    const [cookie = ""] = headers.getSetCookie();
    expect(cookie.split("; ")).toEqual(expect.arrayContaining(["Secure", "Path=/"]));
    const answer = await client.post<{ viewer: unknown }>('{"query":"{ viewer { id } }"}');
    expect(answer.data?.viewer).not.toBeNull();
    expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");
    const login = await new Client(secure).post("{}");
    expect(login.headers.get("content-security-policy")).not.toContain("upgrade-insecure-requests");
    await secure.close();
  });

  test("the client's address is what TRUST_PROXY lets us believe", async () => {
    const addressSeen = async (trust: string, forwarded: string) => {
      const proxied = await startApp({ TRUST_PROXY: trust });
      const { username, password } = await proxied.createUser();
      const query = `mutation { login(username: "${username}", password: "${password}") { userId } }`;
      await new Client(proxied).post(JSON.stringify({ query }), { "x-forwarded-for": forwarded });
      const stored = await proxied.database
        .selectFrom("sessions")
        .select("ip_address")
        .executeTakeFirstOrThrow();
      await proxied.close();
      const logged = proxied.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === "request").address;
      expect(stored.ip_address ?? "").toBe(logged);
      return logged;
    };
    expect(await addressSeen("0", "203.0.113.9")).toBe("127.0.0.1");
    expect(await addressSeen("1", "no address")).toBe("");
    expect(await addressSeen("1", "198.51.100.7, 203.0.113.9")).toBe("203.0.113.9");
    expect(await addressSeen("127.0.0.0/8, 203.0.113.0/24", "198.51.100.7, 203.0.113.9")).toBe(
      "198.51.100.7",
    );
  });
});
