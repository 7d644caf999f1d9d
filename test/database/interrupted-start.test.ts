import { expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase } from "../harness/database/database.ts";
import { startDatabaseProxy } from "../harness/database/proxy.ts";
import { startApp } from "../harness/server.ts";
import { PublicDocument } from "../operations/generated/graphql.ts";

/** More than a start on a migrated database sends before it serves, each connection's own first messages included. */
const messages = 26;

test("a start goes on when a connection is lost at any of its messages to the database", {
  timeout: minutes(2),
}, async () => {
  const copy = await createDatabase();
  const proxy = await startDatabaseProxy();
  const waited: boolean[] = [];
  for (let message = 1; message <= messages; message++) {
    proxy.resetAt(message);
    const app = await startApp({ DATABASE_URL: proxy.urlOf(copy.url) });
    expect((await new Client(app).run(PublicDocument)).status, `message ${message}`).toBe(200);
    waited.push(app.log.some((line) => line.includes("waiting for the database")));
    await app.close();
  }
  // It was lost where the start needs it, and beyond.
  expect(waited.filter((hasWaited) => hasWaited).length).toBeGreaterThan(12);
  expect(waited.at(-1)).toBe(false);
  await proxy.close();
  await copy.drop();
});
