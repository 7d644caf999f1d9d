// Debian's promtool, from the package `prometheus`: it reads our alerts and our scrape as Prometheus does.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client, logInAs } from "../harness/client.ts";
import { scrape, withMetrics } from "../harness/scrape.ts";
import { type App, startApp } from "../harness/server.ts";

const directory = join(import.meta.dirname, "../../deploy/prometheus");
const run = promisify(execFile);

let app: App;
beforeAll(async () => {
  app = await startApp(withMetrics);
});
afterAll(() => app.close());

test("the alerts are valid, and each fires and is silent when it should", async () => {
  const options = { cwd: directory };
  expect((await run("promtool", ["check", "rules", "alerts.yml"], options)).stdout).toContain("SUCCESS");
  expect((await run("promtool", ["test", "rules", "alerts.test.yml"], options)).stdout).toContain("SUCCESS");
});

test("a scrape is valid, and its names follow the rules of Prometheus", async () => {
  await (await logInAs(app, await app.createUser())).run("{ private { message } }");
  await new Client(app).run("{ nothing }");
  const { text } = await scrape(app);
  const promtool = spawn("promtool", ["check", "metrics"], { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [promtool.stdout, promtool.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      output += part;
    });
  promtool.stdin.end(text);
  const [status] = await once(promtool, "close");
  expect({ status, output }).toEqual({ status: 0, output: "" });
});
