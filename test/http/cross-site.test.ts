import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { Client } from "../harness/client.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { withLockedAccounts } from "../harness/database/database-locks.ts";
import { type App, startApp, type User } from "../harness/server.ts";

const listed = "https://app.example.com";

let app: App;
let user: User;
beforeAll(async () => {
  app = await startApp({ ALLOWED_ORIGINS: `http://localhost:1234,${listed}` });
  user = await app.createUser();
});
afterAll(() => app.close());

const anonymous = () => new Client(app);
const publicQuery = '{"query":"{ public { message } }"}';
const expectRefusal = ({ status, codes }: { status: number; codes: readonly string[] }) =>
  expect([status, codes]).toEqual([403, ["CROSS_SITE_REQUEST"]]);

type HeadersOf = Readonly<Record<string, Readonly<Record<string, string>>>>;

const ours: HeadersOf = {
  "Sec-Fetch-Site: same-origin": { "sec-fetch-site": "same-origin" },
  "Sec-Fetch-Site: same-origin beside any Origin": { "sec-fetch-site": "same-origin", origin: "http://x" },
  "Sec-Fetch-Site: none": { "sec-fetch-site": "none" },
  "a listed Origin": { origin: listed },
  "another listed Origin": { origin: "http://localhost:1234" },
  "a listed Origin of the same site": { origin: listed, "sec-fetch-site": "same-site" },
  "a listed Origin of another site": { origin: listed, "sec-fetch-site": "cross-site" },
  "neither header": {},
  "Sec-Fetch-Mode alone, as Node's fetch sends it": { "sec-fetch-mode": "cors" },
};

const foreign: HeadersOf = {
  "another Origin": { origin: "https://evil.example" },
  "Origin: null": { origin: "null" },
  "an empty Origin": { origin: "" },
  "the same host on another port": { origin: `${listed}:8443` },
  "the same host on another scheme": { origin: listed.replace("https:", "http:") },
  "a sibling subdomain": { origin: listed.replace("app.", "www.") },
  "a subdomain of ours": { origin: listed.replace("app.", "x.app.") },
  "the domain above ours": { origin: listed.replace("app.", "") },
  "an Origin that begins like ours": { origin: `${listed}.evil.example` },
  "an Origin that ends like ours": { origin: "https://evil-app.example.com" },
  "ours in capitals": { origin: listed.toUpperCase() },
  "ours with a slash": { origin: `${listed}/` },
  "ours beside another": { origin: `${listed}, https://evil.example` },
  "the list itself": { origin: `http://localhost:1234,${listed}` },
  "Sec-Fetch-Site: cross-site": { "sec-fetch-site": "cross-site" },
  "Sec-Fetch-Site: same-site": { "sec-fetch-site": "same-site" },
  "a Sec-Fetch-Site of tomorrow": { "sec-fetch-site": "sibling-site" },
  "Sec-Fetch-Site twice": { "sec-fetch-site": "same-origin, cross-site" },
  "another Origin of the same site": { origin: "https://www.example.com", "sec-fetch-site": "same-site" },
  "another Origin and a navigation": { origin: "null", "sec-fetch-mode": "navigate" },
};

describe("the cross-site rules let pass, by POST and by GET:", () => {
  test.each(Object.keys(ours))("%s", async (name) => {
    const headers = { ...ours[name] };
    expect((await anonymous().post(publicQuery, headers)).status).toBe(200);
    expect((await anonymous().send({ path: "?query={public{message}}", headers })).status).toBe(200);
  });
});

describe("the cross-site rules refuse, by POST and by GET, a login included:", () => {
  const login = () =>
    JSON.stringify({
      query: "mutation($u:String!,$p:String!){login(username:$u,password:$p){userId}}",
      variables: { u: user.username, p: user.password },
    });

  test.each(Object.keys(foreign))("%s", async (name) => {
    const headers = { ...foreign[name] };
    expectRefusal(await anonymous().post(publicQuery, headers));
    expectRefusal(await anonymous().send({ path: "?query={public{message}}", headers }));
    const answer = await anonymous().post(login(), headers);
    expectRefusal(answer);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await anonymous().post(publicQuery)).status).toBe(200);
  });
});

test("every method but OPTIONS is decided about, on every path", async () => {
  const evil = { origin: "https://evil.example" };
  for (const path of ["/graphql", "/", "/health/live", "/account/verify", "/explorer/assets/x.js"])
    for (const method of ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"]) {
      const { status } = await sendBytes(app, writeRequest(`${method} ${path}`, evil));
      expect([method, path, status]).toEqual([method, path, 403]);
    }
  expect((await anonymous().send({ method: "OPTIONS", headers: evil })).status).toBe(204);
});

test("what another site sends with a cookie, or without a token, is refused before anything is looked up", async () => {
  const evil = { origin: "https://evil.example" };
  const client = new Client(app);
  await client.logIn(user);
  await withLockedAccounts(app, async () => {
    for (const authorization of [
      undefined,
      "junk",
      "Basic YTpi",
      "Bearer",
      `Bearer ${client.token}`,
      `Token ${makeToken("gws_")}`,
      `Bearer ${makeToken("gwa_")}`,
    ]) {
      const headers = authorization === undefined ? evil : { ...evil, authorization };
      const withCookie = Object.assign(anonymous(), { cookies: client.cookies });
      expectRefusal(await withCookie.post('{"query":"{ private { message } }"}', headers));
      if (!authorization?.includes(" g"))
        expectRefusal(await anonymous().post("no json", { ...headers, "content-type": "text/plain" }));
    }
  });
});

describe("a request by token without a cookie, which no page can send without CORS, is left to CORS:", () => {
  test.each([
    ["of an app", { origin: "capacitor://localhost" }],
    [
      "of a browser extension",
      { origin: "moz-extension://3b1d7a5e-0000-4000-8000-000000000000", "sec-fetch-site": "cross-site" },
    ],
    ["of a file", { origin: "null" }],
    ["of another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ])("%s", async (_name, headers) => {
    const { token } = await new Client(app).logIn(user, "TOKEN");
    const client = new Client(app, { token: token ?? null });
    const answer = await client.post<{ private: unknown }>('{"query":"{ private { message } }"}', headers);
    expect([answer.status, answer.codes]).toEqual([200, []]);
    // A browser shows it to no script, and asks before it sends the token.
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const asked = {
      ...headers,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    };
    const preflight = await client.send({ method: "OPTIONS", headers: asked });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    expect(preflight.headers.get("access-control-allow-headers")).toBeNull();
    expect((await new Client(app, { token: makeToken("gws_") }).post(publicQuery, headers)).status).toBe(401);
  });
});

// Node's fetch sets Sec-Fetch-Mode itself.
const navigate = async (line: string, headers: Readonly<Record<string, string>> = {}) => {
  const sent = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    accept: "text/html",
    ...headers,
  };
  const answer = await sendBytes(app, writeRequest(line, sent));
  return [answer.status, answer.headers.get("content-type")];
};

describe("a page opened by navigation", () => {
  test("is shown, also when another site links to it", async () => {
    for (const path of ["/graphql", "/graphql?x=1", "/account/verify"])
      expect(await navigate(`GET ${path}`)).toEqual([200, "text/html; charset=utf-8"]);
  });

  test("carries no query, however it is written", async () => {
    for (const search of [
      "?query={public{message}}",
      "?x=?&query={public{message}}",
      "?%71uery={public{message}}",
      "?query",
      "?query=&query={public{message}}",
    ])
      expect(await navigate(`GET /graphql${search}`)).toEqual([403, "application/json; charset=utf-8"]);
  });
});

describe("what is no navigation is refused, without a query too:", () => {
  test.each([
    ["an image, a script or a frame that loads us", "GET", { "sec-fetch-mode": "no-cors" }],
    ["a form that is posted", "POST", { "sec-fetch-mode": "navigate" }],
    ["a form that is posted as another method", "PUT", { "sec-fetch-mode": "navigate" }],
    ["what names another Origin", "GET", { origin: "null" }],
  ] as const)("%s", async (_name, method, headers) => {
    expect((await navigate(`${method} /graphql`, headers))[0]).toBe(403);
  });
});
