import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, logInAs } from "../harness/client.ts";
import { type Collector, type ReceivedSpan, startCollector } from "../harness/collector.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { note } from "../harness/logs/canaries.ts";
import { type MailServer, startMailServer, until } from "../harness/mail/mail.ts";
import { graphward, productionEnvironment, type Served, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import {
  LogInDocument,
  PrivateDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
} from "../operations/generated/graphql.ts";

/** The file that docs/tracing.md shows. */
const sdk = join(import.meta.dirname, "../../deploy/tracing/otel.js");
const built = (path: string) => pathToFileURL(join(import.meta.dirname, "../../dist", path)).href;
const run = promisify(execFile);
const password = "marguerite and the astrolabe";

let collector: Collector;
let copy: TestDatabase;
let mail: MailServer;
let breaches: Server;
let served: Served;
let url: string;
let environment: NodeJS.ProcessEnv;
const traceparents: (string | undefined)[] = [];

beforeAll(async () => {
  collector = await startCollector();
  copy = await createDatabase();
  mail = await startMailServer();
  breaches = createServer(({ headers }, response) => {
    traceparents.push(headers.traceparent?.toString());
    response.end(`${"0".repeat(35)}:0\r\n`);
  }).listen(0, "127.0.0.1");
  await once(breaches, "listening");
  environment = {
    ...productionEnvironment(),
    DATABASE_URL: copy.url,
    SMTP_URL: mail.url,
    BREACHED_PASSWORDS_URL: `http://127.0.0.1:${(breaches.address() as AddressInfo).port}/range/`,
    TRUST_PROXY: "1",
    REGISTRATION: "open",
    NODE_OPTIONS: `--import ${sdk}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: "graphward under test",
    OTEL_BSP_SCHEDULE_DELAY: "50",
  };
  const port = await findFreePort();
  served = await serve(port, { environment });
  url = `http://127.0.0.1:${port}/graphql`;
  note("password", password);
});
afterAll(async () => {
  await served.stop("SIGTERM");
  await mail.close();
  breaches.closeAllConnections();
  breaches.close();
  await copy.drop();
  await collector.close();
});

const client = () => new Client({ url });

/** The trace of the request with this id, once its span has come: with it came all others of the request. */
const traceOf = async (requestId: string | null): Promise<readonly ReceivedSpan[]> => {
  const isOurs = ({ attributes }: ReceivedSpan) => attributes["graphward.request_id"] === requestId;
  await until(() => collector.spans.some(isOurs));
  const traceId = collector.spans.find(isOurs)?.traceId;
  return collector.spans.filter((span) => span.traceId === traceId);
};
const named = (trace: readonly ReceivedSpan[], name: string) => trace.filter((span) => span.name === name);
const lines = () =>
  served.output.stdout
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line));

let names = 0;
const register = async () => {
  names += 1;
  const input = { username: `astrid-${names}`, email: `astrid-${names}@canary.example`, password };
  const answer = await client().run(RegisterDocument, { input });
  return { ...input, id: answer.headers.get("x-request-id") };
};

describe("with an SDK loaded by --import,", () => {
  test("a request is a trace: HTTP, operation, viewer, statements, hash, by the names of the conventions", async () => {
    const { username } = await register();
    const login = await client().run(LogInDocument, { username, password, mode: "TOKEN" });
    const trace = await traceOf(login.headers.get("x-request-id"));
    const [http] = named(trace, "POST /graphql");
    expect(http).toMatchObject({
      kind: 2,
      service: "graphward under test",
      status: 0,
      attributes: {
        "http.request.method": "POST",
        "url.path": "/graphql",
        "url.scheme": "http",
        "http.response.status_code": 200,
      },
    });
    expect(http).not.toHaveProperty("parentSpanId");
    const [operation] = named(trace, "mutation login");
    expect(operation).toMatchObject({
      parentSpanId: http?.spanId,
      attributes: {
        "graphql.operation.type": "mutation",
        "graphql.operation.name": "LogIn",
        "graphward.root_fields": ["login"],
      },
    });
    const [hash] = named(trace, "password hash");
    expect(hash).toMatchObject({ parentSpanId: operation?.spanId, attributes: {} });
    expect(hash?.duration).toBeGreaterThan(1);
    const statements = trace.filter(({ attributes }) => attributes["db.system.name"] === "postgresql");
    expect(statements.length).toBeGreaterThan(2);
    for (const { kind, parentSpanId, attributes, name } of statements) {
      expect([kind, parentSpanId]).toEqual([3, operation?.spanId]);
      expect(name).toBe(attributes["db.query.summary"]);
      expect(name).toMatch(/^(select|insert|update|delete|with|begin|start|commit|set)( \w+)*$/);
      expect(attributes["db.operation.name"]).toBe(name.split(" ")[0]);
      expect(attributes["graphward.sql.fingerprint"]).toMatch(/^[0-9a-f]{12}$/);
      expect(Object.keys(attributes)).not.toContain("db.query.text");
    }
    expect(statements.map(({ name }) => name).join()).toContain("users");

    const answer = await (await logInAs({ url }, { username, password })).run(PrivateDocument);
    const [lookup] = named(await traceOf(answer.headers.get("x-request-id")), "viewer lookup");
    expect(lookup?.attributes).toEqual({ "graphward.credential": "token", "graphward.viewer.found": true });
  });

  test("a mail continues the trace of its request, and its lines have the id", async () => {
    const { id } = await register();
    await until(async () => named(await traceOf(id), "mail verify-address").length > 0);
    const trace = await traceOf(id);
    const [sent] = named(trace, "mail verify-address");
    expect(sent).toMatchObject({ kind: 5, attributes: { "graphward.mail.sent": true } });
    expect(trace.map(({ spanId }) => spanId)).toContain(sent?.parentSpanId);
    const traceId = trace[0]?.traceId;
    await until(() => lines().some(({ msg, trace_id }) => msg === "mail sent" && trace_id === traceId));
    expect(lines().find(({ requestId }) => requestId === id)).toMatchObject({ trace_id: traceId });
  });

  test("a refusal is in its span by codes, and only what is ours counts as an error", async () => {
    const refused = await client().run("{ private { message } }");
    const trace = await traceOf(refused.headers.get("x-request-id"));
    expect(named(trace, "POST /graphql")[0]).toMatchObject({
      status: 0,
      attributes: { "graphward.outcomes": ["UNAUTHENTICATED"] },
    });
    const unknown = await fetch(url.replace("/graphql", "/nowhere/at-all?q=marguerite"));
    expect(named(await traceOf(unknown.headers.get("x-request-id")), "GET")[0]).toMatchObject({
      attributes: { "url.path": "/nowhere/at-all", "http.response.status_code": 404 },
    });
    const broken = await client().run("{ public { message }");
    expect((await traceOf(broken.headers.get("x-request-id"))).map(({ name }) => name).sort()).toEqual([
      "POST /graphql",
      "graphql",
    ]);
  });

  test("the trace of a trusted proxy goes on, whether it is sampled there decides", async () => {
    const ask = (traceparent: string) => client().post('{"query":"{ public { message } }"}', { traceparent });
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const sampled = await ask(`00-${traceId}-00f067aa0ba902b7-01`);
    const [http] = named(await traceOf(sampled.headers.get("x-request-id")), "POST /graphql");
    expect(http).toMatchObject({ traceId, parentSpanId: "00f067aa0ba902b7" });
    const other = "5bf92f3577b34da6a3ce929d0e0e4736";
    const ignored = await ask(`00-${other}-00f067aa0ba902b7-00`);
    const id = ignored.headers.get("x-request-id");
    // Spans come in the order of their ends.
    await traceOf((await client().run("{ public { message } }")).headers.get("x-request-id"));
    expect(collector.spans.filter((span) => span.traceId === other)).toEqual([]);
    await until(() => lines().some(({ requestId }) => requestId === id));
    expect(lines().find(({ requestId }) => requestId === id)?.trace_id).toBe(other);
  });

  test("the trace goes out to a system on this machine", async () => {
    const { id } = await register();
    const trace = await traceOf(id);
    const [asked] = named(trace, "breached passwords");
    expect(traceparents).toContain(`00-${asked?.traceId}-${asked?.spanId}-01`);
  });

  test("spans hold names and codes from closed sets: no user, address, variable, SQL or text of an error", async () => {
    mail.refuse = () => "450 4.2.0 marguerite comes later";
    const { username, email } = await register();
    const own = await logInAs({ url }, { username, password });
    await own.run(RequestPasswordResetDocument, { email });
    await own.run(
      `mutation ($name: String!) { login(username: $name, password: "wrong marguerite") { userId } }`,
      {
        name: username,
      },
    );
    await own.post('{"query":"{ public { message } }"}', {
      "x-forwarded-for": "203.0.113.77",
      "user-agent": "Marguerite/1.0",
    });
    const last = await own.run(PrivateDocument);
    await traceOf(last.headers.get("x-request-id"));
    await until(() => collector.spans.some(({ name, status }) => name.startsWith("mail ") && status === 2));
    const known = new Set([
      "db.operation.name",
      "db.query.summary",
      "db.system.name",
      "error.type",
      "graphql.operation.name",
      "graphql.operation.type",
      "graphward.credential",
      "graphward.job",
      "graphward.mail.sent",
      "graphward.outcomes",
      "graphward.request_id",
      "graphward.root_fields",
      "graphward.sql.fingerprint",
      "graphward.viewer.found",
      "http.request.method",
      "http.response.status_code",
      "url.path",
      "url.scheme",
    ]);
    const found = new Set(collector.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...found].filter((name) => !known.has(name))).toEqual([]);
    expect(collector.spans.flatMap(({ events }) => events)).toEqual([]);
    expect(collector.spans.flatMap(({ statusText }) => statusText ?? [])).toEqual([]);
    for (const canary of [
      password,
      username,
      email,
      "canary.example",
      "marguerite",
      "Marguerite",
      "203.0.113.77",
      "127.0.0.1",
    ])
      expect(collector.text()).not.toContain(canary);
    mail.refuse = () => null;
    // And without what PostgreSQL reads: a statement of ours has a condition or a value list.
    expect(collector.text()).not.toMatch(/ where |values \(|\$1/);
  });

  test("the last requests before a signal are exported", async () => {
    const port = await findFreePort();
    const slow = { ...environment, PORT: String(port), OTEL_BSP_SCHEDULE_DELAY: "60000" };
    const ending = await serve(port, { environment: slow });
    const last = await new Client({ url: `http://127.0.0.1:${port}/graphql` }).run("{ public { message } }");
    expect((await ending.stop("SIGTERM")).status).toBe(0);
    expect((await traceOf(last.headers.get("x-request-id"))).length).toBeGreaterThan(1);
    expect(ending.output.stdout).toContain("OpenTelemetry SDK found: traces are recorded");
  });

  test("each of several workers records, and without TRUST_PROXY no client puts its request into a trace", async () => {
    const port = await findFreePort();
    const alone = { ...environment, PORT: String(port), WORKERS: "2", TRUST_PROXY: "0" };
    const several = await serve(port, { environment: alone });
    const forged = { traceparent: "00-6bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
    const answer = await new Client({ url: `http://127.0.0.1:${port}/graphql` }).post(
      '{"query":"{ public { message } }"}',
      forged,
    );
    const trace = await traceOf(answer.headers.get("x-request-id"));
    expect(trace.length).toBeGreaterThan(1);
    expect(forged.traceparent).not.toContain(trace[0]?.traceId);
    await several.stop("SIGTERM");
  });

  test("the trace does not go out to a service of others", async () => {
    const port = await findFreePort();
    // An address of this machine, but none that is known to be.
    const BREACHED_PASSWORDS_URL = environment.BREACHED_PASSWORDS_URL?.replace("127.0.0.1", "0.0.0.0");
    const abroad = await serve(port, {
      environment: { ...environment, PORT: String(port), BREACHED_PASSWORDS_URL },
    });
    traceparents.length = 0;
    const input = { username: "astrid-abroad", email: "astrid-abroad@canary.example", password };
    const answer = await new Client({ url: `http://127.0.0.1:${port}/graphql` }).run(RegisterDocument, {
      input,
    });
    expect(named(await traceOf(answer.headers.get("x-request-id")), "breached passwords")).toHaveLength(1);
    expect(traceparents).toEqual([undefined]);
    await abroad.stop("SIGTERM");
  });
});

test("a collector that is gone changes neither a response nor the end", async () => {
  const port = await findFreePort();
  const gone = { ...environment, PORT: String(port), OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
  const alone = await serve(port, { environment: gone });
  expect(
    (await new Client({ url: `http://127.0.0.1:${port}/graphql` }).run("{ public { message } }")).status,
  ).toBe(200);
  expect(await alone.stop("SIGTERM")).toMatchObject({ status: 0 });
  expect(alone.output.stderr).toBe("");
});

test("an SDK with an older API than ours is a line, and records nothing", async () => {
  const register = 'globalThis[Symbol.for("opentelemetry.js.api.1")]={version:"1.0.4",trace:{}}';
  const old = `data:text/javascript,${encodeURIComponent(register)}`;
  const port = await findFreePort();
  const alone = await serve(port, {
    environment: { ...environment, PORT: String(port), NODE_OPTIONS: `--import=${old}` },
  });
  await alone.stop("SIGTERM");
  expect(alone.output.stdout).toContain(
    "OpenTelemetry SDK ignored: its @opentelemetry/api is older than 1.9",
  );
});

test("a command of the command line is no trace", async () => {
  const before = collector.spans.length;
  const { status } = await graphward(["user", "list"], { environment });
  expect([status, collector.spans.length]).toEqual([0, before]);
});

test("without an SDK, nothing of OpenTelemetry is loaded, and a traced function is itself", async () => {
  const port = await findFreePort();
  const tell = `import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) {
      if (url.includes("@opentelemetry")) process.stderr.write("loaded " + url);
      return next(url, context);
    } });`;
  const plain = await serve(port, {
    environment: {
      ...environment,
      PORT: String(port),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
    },
  });
  await new Client({ url: `http://127.0.0.1:${port}/graphql` }).run("{ public { message } }");
  await plain.stop("SIGTERM");
  expect(plain.output.stderr).toBe("");
  expect(plain.output.stdout).not.toContain("OpenTelemetry");
  const script = `
    const { inSpan, inRootSpan } = await import(${JSON.stringify(built("tracing/spans.js"))});
    const { traceRequests } = await import(${JSON.stringify(built("http/request/span.js"))});
    const { beginStatement } = await import(${JSON.stringify(built("tracing/statements.js"))});
    const work = async () => 1;
    const all = [inSpan({ name: "x" }, work), inRootSpan({ name: "x" }, null, work), traceRequests(work, {})];
    process.stdout.write(JSON.stringify([all.every((it) => it === work), beginStatement("select 1")]));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
  expect(JSON.parse(stdout)).toEqual([true, null]);
});
