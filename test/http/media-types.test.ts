import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { Client } from "../harness/client.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { withLockedAccounts } from "../harness/database/database-locks.ts";
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
const loginBody = () =>
  JSON.stringify({
    query: "mutation($u:String!,$p:String!){login(username:$u,password:$p){userId}}",
    variables: { u: user.username, p: user.password },
  });

const refused = [
  // What a form or a script of another site sends without asking first.
  "text/plain",
  "text/plain; charset=utf-8",
  "text/plain; application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "multipart/form-data; boundary=x",
  "multipart/mixed",
  // What a filter before us may read differently.
  "application/json; charset=utf-7",
  "application/json; charset=utf-16",
  "application/json; charset=utf-32",
  "application/json; charset=utf-80",
  "application/json; charset=iso-8859-1",
  "application/json; charset=us-ascii",
  'application/json; charset=""',
  "application/json; charset=utf8",
  "application/json; charset=utf-8; charset=utf-16",
  "application/json; charset=utf-8; CHARSET=utf-8",
  // What only resembles it.
  "application/graphql",
  "application/graphql+json",
  "application/graphql-response+json",
  "application/jsonp",
  "application/json-seq",
  "text/json",
  "application/json, text/plain",
  "text/plain, application/json",
  "*/*",
  // What is no type.
  "nonsense",
  "json",
  "/json",
  "application/",
  "application/json/x",
  "",
] as const;

/** Whatever other servers ask for or tools send to be let through. */
const persuading = {
  "apollo-require-preflight": "true",
  "x-apollo-operation-name": "Public",
  "graphql-require-preflight": "1",
  "x-requested-with": "XMLHttpRequest",
  accept: "application/json",
  "sec-fetch-site": "same-origin",
};

describe("a body of another type is 415, whatever other header comes with it, known document or not:", () => {
  test.each(refused)("%j", async (type) => {
    expect((await anonymous().post(publicQuery)).status).toBe(200);
    for (const headers of [{}, persuading]) {
      for (const body of [publicQuery, loginBody()]) {
        const answer = await anonymous().post(body, { ...headers, "content-type": type });
        expect([answer.status, answer.codes]).toEqual([415, ["UNSUPPORTED_MEDIA_TYPE"]]);
        expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
    }
    expect(await app.database.selectFrom("sessions").select("id").execute()).toEqual([]);
  });
});

test("a body without a type is 415", async () => {
  const answer = await sendBytes(app, writeRequest("POST /graphql", {}, publicQuery));
  expect([answer.status, JSON.parse(answer.body).errors[0].extensions.code]).toEqual([
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ]);
});

test("a multipart request of files and operations is 415, and no part of it is read", async () => {
  const form = new FormData();
  form.set("operations", loginBody());
  form.set("map", '{"0":["variables.u"]}');
  form.set("0", new Blob(["x"]), "name.txt");
  const answer = await fetch(app.url, { method: "POST", body: form, headers: persuading });
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([415, []]);
});

test("a body of another type is refused before anybody is looked up", async () => {
  await withLockedAccounts(app, async () => {
    const headers = { "content-type": "text/plain", authorization: `Bearer ${makeToken("gws_")}` };
    expect((await anonymous().post(loginBody(), headers)).status).toBe(415);
  });
});

describe("a body of JSON in UTF-8 is taken:", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON; Charset=UTF-8",
    'application/json;charset="UTF-8"',
    "application/json; profile=x",
  ])("%s", async (type) => {
    expect((await anonymous().post(publicQuery, { "content-type": type })).status).toBe(200);
  });
});

describe("a GET that names another type is 415:", () => {
  test.each([
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "nonsense",
  ])("%s", async (type) => {
    for (const headers of [{}, persuading]) {
      const answer = await anonymous().send({
        path: "?query={public{message}}",
        headers: { ...headers, "content-type": type },
      });
      expect([answer.status, answer.codes]).toEqual([415, ["UNSUPPORTED_MEDIA_TYPE"]]);
    }
  });
});
