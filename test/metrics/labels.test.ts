import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { errorTable } from "../../src/errors.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { Client, logInAs } from "../harness/client.ts";
import { rootFieldsOf } from "../harness/root-fields.ts";
import { scrape, withMetrics } from "../harness/scrape.ts";
import { type App, openDefaultApplication, startApp } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp({ ...withMetrics, TRUST_PROXY: "1" });
});
afterAll(() => app.close());

const seriesNames = async () =>
  (await scrape(app)).series.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);

const word = () => `w${randomBytes(6).toString("hex")}`;

/** Everything that a client can choose, new each time. */
const hostileRequests = (client: Client): readonly (() => Promise<unknown>)[] => [
  () => client.run(`query ${word()} { public { message } }`),
  () => client.run(`{ ${word()}: public { message } }`),
  () => client.run(`{ ${word()} }`),
  () => client.run(`{ public { ...${word()} } }`),
  () => client.post(JSON.stringify({ query: "{ public { message } }", operationName: word() })),
  () => client.post(word(), { "content-type": `text/${word()}` }),
  () => client.run(`mutation { login(username: "${word()}", password: "${word()}") { userId } }`),
  () => new Client(app, { token: `gws_${word()}` }).run("{ public { message } }"),
  () => client.send({ method: "DELETE", path: `?${word()}` }),
  () => client.send({ method: "POST", headers: { origin: `https://${word()}.example` } }),
  () => fetch(`${app.origin}/${word()}`),
  () => fetch(`${app.origin}/${word()}/${word()}?${word()}`),
  () => fetch(`${app.origin}/graphql${word()}`),
  () => fetch(`${app.origin}/graphql/${word()}`),
  () => fetch(`${app.origin}/login/${word()}/callback?state=${word()}`),
  () => client.post("{}", { "x-forwarded-for": `203.0.113.${Math.floor(Math.random() * 255)}` }),
];

test("no client can add a series: after the first hostile requests, hundreds of others add none", async () => {
  const run = async () => {
    for (const request of hostileRequests(new Client(app))) await request();
  };
  await run();
  await expect.poll(async () => (await seriesNames()).join().includes("METHOD_NOT_ALLOWED")).toBe(true);
  await run();
  const before = await seriesNames();
  for (let round = 0; round < 20; round++) await run();
  const grown = (await seriesNames()).filter((name) => !before.includes(name));
  // Kinds of garbage collections.
  expect(grown.filter((name) => !name.startsWith("nodejs_"))).toEqual([]);
});

test("each label is from a closed set", async () => {
  const codes = Object.keys(errorTable);
  for (const request of hostileRequests(new Client(app))) await request();
  const { series } = await scrape(app);
  const valuesOf = (label: string) => [...new Set(series.flatMap(({ labels }) => labels[label] ?? []))];
  expect(new Set(series.flatMap(({ labels }) => Object.keys(labels)))).toEqual(
    new Set([
      "area",
      "field",
      "kind",
      "le",
      "limit",
      "major",
      "minor",
      "outcome",
      "patch",
      "pool",
      "result",
      "state",
      "status",
      "type",
      "version",
      "way",
    ]),
  );
  const { schema } = buildGuardedSchema(await openDefaultApplication());
  const followed = Object.keys(schema.getSubscriptionType()?.getFields() ?? {});
  const roots = [...rootFieldsOf(schema).map(({ field }) => field.name), ...followed];
  for (const value of valuesOf("field"))
    expect([...roots, "several", "introspection", "none"]).toContain(value);
  expect(valuesOf("area").sort()).toEqual(["graphql", "login", "other"]);
  for (const value of valuesOf("outcome").filter((it) => /^[A-Z]/.test(it))) expect(codes).toContain(value);
});

test("a scrape has no name, email, secret or address of a user, and no operation name", async () => {
  const user = await app.createUser({ email: `${word()}@canary.example` });
  const client = await logInAs(app, user);
  const operation = `Operation${word()}`;
  const address = "203.0.113.77";
  await client.post(JSON.stringify({ query: `query ${operation} { private { message } }` }), {
    "x-forwarded-for": address,
    "user-agent": `Agent${word()}`,
  });
  await client.run(`query { user(id: "${user.id}") { __typename } }`);
  await new Client(app).run(
    `mutation { login(username: "${user.email}", password: "wrong ${word()}") { userId } }`,
  );
  const { text } = await scrape(app);
  for (const canary of [
    user.username,
    user.email,
    user.id,
    user.password,
    client.token,
    operation,
    address,
    "127.0.0.1",
    "canary.example",
  ])
    expect(text).not.toContain(canary);
});
