import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { relayCertificate, relayKey } from "../harness/mail/certificate.ts";
import { graphward } from "../harness/process.ts";
import { type App, findFreePort, startApp } from "../harness/server.ts";

// `graphward check` asks each provider, and says in one line each what is wrong.

let app: App;
let origin: string;
let secureOrigin: string;
let closedOrigin: string;
const servers: Server[] = [];

beforeAll(async () => {
  app = await startApp();
  origin = await listen(createServer(answer), "http");
  const tls = { cert: relayCertificate, key: relayKey };
  secureOrigin = await listen(createSecureServer(tls, answer) as unknown as Server, "https");
  closedOrigin = `http://localhost:${await findFreePort()}`;
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await app.close();
});

const listen = async (server: Server, scheme: string): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
};

/** Below each path is a provider of its own, whose metadata has one fault. */
const faults: Readonly<Record<string, object>> = {
  "of-another": { issuer: "https://another.example" },
  "without-keys": { jwks_uri: undefined },
  "with-empty-keys": { jwks_uri: "empty-keys" },
  plain: { code_challenge_methods_supported: ["plain"] },
  symmetric: { id_token_signing_alg_values_supported: ["HS256"] },
  "page-of-keys": { jwks_uri: "page" },
};

/** Two that answer only once both were asked. */
const waiting: (() => void)[] = [];

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  const [, name = "", end = ""] = /^\/([^/]+)\/(.*)$/.exec(request.url ?? "") ?? [];
  const say = (body: unknown, status = 200) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (name === "silent") return;
  if (name === "broken") return void say({}, 502);
  if (name === "absent") return void say({}, 404);
  if (end === "page") return void response.end("<h1>Welcome</h1>");
  if (end === "empty-keys") return void say({ keys: [] });
  if (end === "keys") return void say({ keys: [{ kty: "RSA", n: "AQ", e: "AQAB" }] });
  const issuer = `${origin}/${name}`;
  const at = (path: string) => `${issuer}/${path}`;
  const { jwks_uri: keys = "keys", ...fault } = { ...faults[name] } as { jwks_uri?: string };
  const isWithoutKeys = name === "without-keys";
  const metadata = {
    issuer,
    authorization_endpoint: at("authorize"),
    token_endpoint: at("token"),
    ...(!isWithoutKeys && { jwks_uri: at(keys) }),
    response_types_supported: ["code"],
    ...fault,
  };
  if (name !== "first" && name !== "second") return void say(metadata);
  waiting.push(() => say(metadata));
  if (waiting.length === 2) for (const go of waiting.splice(0)) go();
};

const entry = (id: string, issuer: string, more: object = {}) => ({
  id,
  name: id,
  issuer,
  clientId: "c",
  clientSecret: "a secret of the test",
  ...more,
});
const check = async (entries: readonly object[], environment: NodeJS.ProcessEnv = {}) => {
  const { status, stdout, stderr } = await graphward(["check"], {
    on: app,
    environment: { IDENTITY_PROVIDERS: JSON.stringify(entries), ...environment },
  });
  const lines = stdout.split("\n").filter((line) => line.includes("IDENTITY_PROVIDERS"));
  return { status, stderr, lines: lines.map((line) => line.replaceAll(/ {2,}/g, " ")) };
};

test("check names what is wrong with each provider, in one line, and is silent about one that works", async () => {
  const names = [...Object.keys(faults), "silent", "broken", "absent", "fine"];
  const found = await check([
    ...names.map((id) => entry(id, `${origin}/${id}`)),
    entry("closed", closedOrigin),
    entry("self-signed", `${secureOrigin}/fine`),
    entry("private", "https://10.1.2.3"),
    entry("nowhere", "https://provider.invalid"),
  ]);
  const says = (id: string, text: string) =>
    `warning IDENTITY_PROVIDERS: ${id} ${text}: nobody can log in with it`;
  expect(found.lines.slice(0, -1)).toEqual([
    says("of-another", `has another issuer than ${origin}/of-another`),
    says("without-keys", "does not say its jwks_uri"),
    says("with-empty-keys", `gives no keys at ${origin}/with-empty-keys/empty-keys (status 200)`),
    says("plain", "does not accept PKCE with S256"),
    says("symmetric", "signs with no algorithm that is accepted"),
    says("page-of-keys", `gives no keys at ${origin}/page-of-keys/page (status 200)`),
    says("silent", "is too slow"),
    says("broken", "answers with status 502"),
    says("absent", "answers with status 404"),
    expect.stringMatching(/ closed cannot be reached: .*ECONNREFUSED.*: nobody can log in with it$/),
    expect.stringMatching(/ self-signed cannot be reached: .*certificate.*: nobody can log in with it$/),
    says("private", "has an address that is not allowed (see allowPrivateAddress)"),
  ]);
  // Without a resolver there is none of its answers, but one of the system's.
  expect(found.lines.at(-1)).toMatch(/ nowhere cannot be reached: .*(ENOTFOUND|EAI_AGAIN).*: nobody can/);
  expect([found.status, found.stderr]).toEqual([0, ""]);
});

test("check asks the API of GitHub, which says nothing of itself", async () => {
  const gitHub = (id: string, issuer: string) => entry(id, issuer, { preset: "github" });
  const { lines } = await check([gitHub("hub", origin), gitHub("closed-hub", closedOrigin)]);
  expect(lines).toEqual([expect.stringMatching(/ closed-hub cannot be reached: .*ECONNREFUSED/)]);
});

test("check asks all at once", async () => {
  const entries = ["first", "second"].map((id) => entry(id, `${origin}/${id}`));
  expect((await check(entries)).lines).toEqual([]);
});

test("check fails in production when no login can succeed, and warns where it may pass", async () => {
  const production = {
    NODE_ENV: "production",
    PUBLIC_URL: "https://api.example.com",
    SESSION_SECRET: app.config.sessionSecrets.join(),
    AUDIT_KEY: randomBytes(32).toString("hex"),
    TRUST_PROXY: "1",
  };
  const far = [entry("private", "https://10.1.2.3"), entry("nowhere", "https://provider.invalid")];
  const { lines, status, stderr } = await check(far, production);
  expect(stderr).toBe("");
  expect(lines.map((line) => line.slice(0, 40))).toEqual([
    "error IDENTITY_PROVIDERS: private has an",
    "warning IDENTITY_PROVIDERS: nowhere cann",
  ]);
  expect(status).toBe(1);
  expect((await check(far.slice(1), production)).status).toBe(0);
});

test("check warns of trusted emails where anybody can register, and of users whose provider is gone", async () => {
  const alone = await app.createUser();
  await app.database.updateTable("users").set({ password_hash: null }).where("id", "=", alone.id).execute();
  const key = { issuer: "https://gone.example", subject: alone.id };
  await app.database
    .insertInto("identities")
    .values({ id: crypto.randomUUID(), user_id: alone.id, provider: "gone", ...key })
    .execute();
  const google = { id: "google", preset: "google", clientId: "c", clientSecret: "s", trustEmail: true };
  const { lines } = await check([google, entry("fine", `${origin}/fine`, { trustEmail: true })]);
  const settled = lines.filter((line) => !line.endsWith(": nobody can log in with it"));
  expect(settled).toEqual([
    "warning IDENTITY_PROVIDERS: trusts the emails of google, where anybody can register: an account opens to whoever has its email there, even if it was the email of another person before",
    "warning IDENTITY_PROVIDERS: does not list the provider that is the only way to log in of users: 1; list it again, or let them reset the password",
  ]);
  const listed = entry("gone", "https://gone.example");
  expect((await check([listed])).lines.join()).not.toContain("does not list");
});
