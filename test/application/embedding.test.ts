import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createServer, Public, Query, Resolver } from "../../src/package/index.ts";
import { packageRoot } from "../../src/package-root.ts";
import { Client } from "../harness/client.ts";
import { createDatabase } from "../harness/database/database.ts";

test("another program's HTTP server can serve Graphward, with its rules", async () => {
  const copy = await createDatabase();
  const environment = {
    DATABASE_URL: copy.url,
    LOG_LEVEL: "silent",
    SESSION_SECRET: "a".repeat(40),
    AUDIT_KEY: "b".repeat(40),
  };
  const embedded = await createServer({}, { environment, root: packageRoot });
  const server = createHttpServer(embedded.handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new Client({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` });
  expect((await client.run("{ public { message } }")).status).toBe(200);
  expect((await client.run("{ private { message } }")).codes).toEqual(["UNAUTHENTICATED"]);
  const { headers } = await client.run("{ public { message } }");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  server.closeAllConnections();
  server.close();
  await embedded.close();
  await copy.drop();
});

test("a start that is not possible rejects, such as with a field that no access.lock lists", async () => {
  @Resolver()
  class Open {
    @Public()
    @Query(() => String)
    embedded() {
      return "";
    }
  }
  const started = createServer({ resolvers: [Open] }, { environment: {}, root: packageRoot });
  await expect(started).rejects.toThrow("+ open Query.embedded");
});
