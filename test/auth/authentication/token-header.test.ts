import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken } from "../../../src/auth/secrets/secret.ts";
import { Client } from "../../harness/client.ts";
import { sendBytes, writeRequest } from "../../harness/connections/socket.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { ViewerDocument } from "../../operations/generated/graphql.ts";

const origin = "https://app.example.com";

let app: App;
let user: User;
let token: string;
beforeAll(async () => {
  app = await startApp({ TOKEN_HEADER: "X-Auth-Token", ALLOWED_ORIGINS: origin });
  user = await app.createUser();
  token = (await new Client(app).logIn(user, "TOKEN")).token ?? "";
});
afterAll(() => app.close());

const query = '{"query":"{ viewer { username } }"}';
const ask = (headers: Record<string, string>) =>
  new Client(app).post<{ viewer: { username: string } | null }>(query, headers);
const basic = `Basic ${btoa("proxy:secret of the proxy")}`;

describe("with TOKEN_HEADER, a token", () => {
  test("is read from that header, with and without a scheme, a script's too", async () => {
    const made = await new Client(app).post<{ createAccessToken: { token: string } }>(
      '{"query":"mutation { createAccessToken(input: { name: \\"backup\\", scopes: [\\"profile:read\\"] }) { token } }"}',
      { "x-auth-token": token },
    );
    for (const value of [
      token,
      `Bearer ${token}`,
      `token ${token}`,
      made.data?.createAccessToken.token ?? "",
    ])
      expect((await ask({ "x-auth-token": value })).data?.viewer?.username).toBe(user.username);
  });

  test("stands beside what a proxy has put into Authorization", async () => {
    for (const authorization of [basic, "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "Negotiate YII=", ""]) {
      expect((await ask({ authorization, "x-auth-token": token })).data?.viewer?.username).toBe(
        user.username,
      );
      const anonymous = await ask({ authorization });
      expect([anonymous.status, anonymous.data?.viewer]).toEqual([200, null]);
    }
  });

  test("in Authorization is refused, and the answer names the setting", async () => {
    for (const authorization of [`Bearer ${token}`, `Token ${makeToken("gwa_")}`]) {
      const answer = await ask({ authorization });
      expect([answer.status, answer.codes]).toEqual([401, ["UNAUTHENTICATED"]]);
      expect(answer.errors[0]?.message).toContain("TOKEN_HEADER");
    }
  });

  test("that is unknown, twice there or no token at all refuses the request", async () => {
    for (const value of [makeToken("gws_"), `${token}, ${token}`, "junk", "Bearer null", basic])
      expect((await ask({ "x-auth-token": value })).status).toBe(401);
    const twice = writeRequest(
      "POST /graphql",
      { "content-type": "application/json", "x-auth-token": token },
      query,
    );
    const { status } = await sendBytes(
      app,
      twice.replace("x-auth-token:", `X-Auth-Token: ${token}\r\nx-auth-token:`),
    );
    expect(status).toBe(401);
  });

  test("may be sent by a page of a listed origin, and its header alone is what CORS is asked for", async () => {
    const answer = await new Client(app).send({
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-auth-token",
      },
    });
    expect(answer.headers.get("access-control-allow-headers")).toBe("content-type,x-auth-token");
    const other = { origin: "app://unlisted" };
    expect((await ask({ ...other, "x-auth-token": token })).status).toBe(200);
    expect((await ask({ ...other, authorization: basic })).status).toBe(403);
  });

  test("is known on the fast path, and ends at a logout", async () => {
    const mine = (await new Client(app).logIn(user, "TOKEN")).token ?? "";
    for (let count = 0; count < 3; count += 1)
      expect((await ask({ "x-auth-token": mine })).data?.viewer?.username).toBe(user.username);
    await new Client(app).post('{"query":"mutation { logout { message } }"}', { "x-auth-token": mine });
    expect((await ask({ "x-auth-token": mine })).status).toBe(401);
    expect((await new Client(app).run(ViewerDocument)).data?.viewer).toBeNull();
  });
});
