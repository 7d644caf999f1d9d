import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { type App, startApp, type User } from "../harness/server.ts";

let app: App;
let user: User;
beforeAll(async () => {
  app = await startApp();
  user = await app.createUser();
});
afterAll(() => app.close());

const anonymous = () => new Client(app);
const publicQuery = '{"query":"{ public { message } }"}';

test("POST executes, and GET executes queries, as stock urql sends them", async () => {
  const path = "?query={public{message}}";
  for (const answer of [await anonymous().post(publicQuery), await anonymous().send({ path })])
    expect([answer.status, answer.data]).toEqual([200, { public: { message: "Public access allowed!" } }]);
});

test("a mutation by GET is 405 with Allow, before and after the same mutation came by POST", async () => {
  const { username, password } = user;
  const query = `mutation { login(username: "${username}", password: "${password}") { userId } }`;
  const path = `?${new URLSearchParams({ query })}`;
  for (let time = 0; time < 2; time += 1) {
    for (const headers of [{}, { accept: "text/html,application/json;q=0.9" }] as const) {
      const answer = await anonymous().send({ path, headers });
      expect([answer.status, answer.codes, answer.headers.get("allow")]).toEqual([
        405,
        ["METHOD_NOT_ALLOWED"],
        "POST",
      ]);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect((await anonymous().run(query)).codes).toEqual([]);
  }
});

test("a mutation by GET is 405 also when its document holds a query, or when a body comes with it", async () => {
  const mutation = "mutation M { logout { message } } query Q { public { message } }";
  const path = `?${new URLSearchParams({ query: mutation, operationName: "M" })}`;
  expect((await anonymous().send({ path })).status).toBe(405);
  const withBody = writeRequest(
    `GET /graphql?query={public{message}}`,
    { "content-type": "application/json" },
    '{"query":"mutation { logout { message } }"}',
  );
  const answer = await sendBytes(app, withBody);
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    200,
    { data: { public: { message: "Public access allowed!" } } },
  ]);
});

describe("every other method is 405 with Allow", () => {
  test.each(["PUT", "DELETE", "PATCH", "HEAD", "TRACE", "PROPFIND", "LINK", "M-SEARCH"])(
    "%s",
    async (method) => {
      const headers = { "content-type": "application/json" };
      for (const search of ["", "?query={public{message}}"]) {
        const body = method === "HEAD" ? "" : publicQuery;
        const answer = await sendBytes(app, writeRequest(`${method} /graphql${search}`, headers, body));
        expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST, OPTIONS"]);
        if (method !== "HEAD")
          expect(JSON.parse(answer.body).errors[0].extensions).toEqual({ code: "METHOD_NOT_ALLOWED" });
      }
    },
  );

  test("CONNECT, whose socket is closed", async () => {
    const answer = await sendBytes(app, writeRequest("CONNECT elsewhere:443", { connection: "keep-alive" }));
    expect([answer.status, answer.headers.get("allow"), JSON.parse(answer.body)]).toEqual([
      405,
      "GET, POST, OPTIONS",
      { errors: [{ message: "This method is not allowed.", extensions: { code: "METHOD_NOT_ALLOWED" } }] },
    ]);
  });
});

test("a batch is 400, of one operation or of many, known or not", async () => {
  const unknown = '{"query":"{ __typename viewer { id } }"}';
  await anonymous().post(publicQuery);
  for (const body of [
    `[${publicQuery}]`,
    `[${publicQuery},${publicQuery}]`,
    `[${unknown}]`,
    "[]",
    `[[${publicQuery}]]`,
    `{"0":${publicQuery}}`,
  ]) {
    const answer = await anonymous().post(body);
    expect([body, answer.status, answer.codes, answer.data]).toEqual([body, 400, ["BAD_REQUEST"], undefined]);
  }
});

test("a query by GET is read to its end, whatever question marks it holds", async () => {
  const query = 'query($name:String!){__type(name:$name){name}}&variables={"name":"what?"}';
  expect((await anonymous().send({ path: `?x=?&query=${query}` })).data).toEqual({ __type: null });
});

test("what a query by GET says twice is 400, and never the one or the other", async () => {
  for (const search of [
    "?query={public{message}}&query={viewer{id}}",
    "?query={public{message}}&variables={}&variables={}",
    "?query={public{message}}&operationName=A&operationName=B",
  ]) {
    const answer = await anonymous().send({ path: search });
    expect([search, answer.status, answer.codes]).toEqual([search, 400, ["BAD_REQUEST"]]);
  }
});

test("what carries a query is answered with JSON, also to a browser that would take a page", async () => {
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
