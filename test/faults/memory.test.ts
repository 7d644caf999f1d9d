import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kibibytes } from "../../src/sizes.ts";
import { minutes, seconds } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { productionEnvironment, type Served, serve } from "../harness/process.ts";
import { findFreePort, withoutLimits } from "../harness/server.ts";
import { LogInDocument } from "../operations/generated/graphql.ts";

let copy: TestDatabase;
let server: Served;
let port: number;

/** As `npm start` and the image in docs/operating.md start it. */
beforeAll(async () => {
  const page = await readFile(join(import.meta.dirname, "../../docs/operating.md"), "utf8");
  const arenas = /^ENV MALLOC_ARENA_MAX=(\d+)$/m.exec(page)?.[1];
  const option = /^CMD \["node", "(--[^"]+)"/m.exec(page)?.[1];
  copy = await createDatabase();
  port = await findFreePort();
  server = await serve(port, {
    environment: {
      ...productionEnvironment(),
      DATABASE_URL: copy.url,
      RATE_LIMITS: withoutLimits,
      LOG_LEVEL: "error",
      MALLOC_ARENA_MAX: arenas,
      // Under a limit of 256 MiB, V8 sets half of it as the limit of its heap by itself. Here it sees the memory of the machine.
      NODE_OPTIONS: `${option} --max-old-space-size=128`,
    },
  });
});
afterAll(async () => {
  await server.stop("SIGTERM");
  await copy.drop();
});

/** Bytes: now, and the most so far. */
const readMemory = async () => {
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  return { now: read("VmRSS"), most: read("VmHWM") };
};

test.runIf(process.platform === "linux")(
  "256 MiB are enough, also in a flood of logins",
  async () => {
    const idle = await readMemory();
    const until = performance.now() + seconds(20);
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        while (performance.now() < until)
          await new Client({ url: `http://127.0.0.1:${port}/graphql` }).run(LogInDocument, {
            username: "nobody",
            password: "a wrong password",
          });
      }),
    );
    const flooded = await readMemory();
    process.stdout.write(
      `idle ${Math.round(idle.now / kibibytes(1024))} MiB, after the flood ${Math.round(flooded.now / kibibytes(1024))}, at most ${Math.round(flooded.most / kibibytes(1024))}\n`,
    );
    expect(flooded.most).toBeLessThan(kibibytes(256 * 1024));
  },
  minutes(2),
);
