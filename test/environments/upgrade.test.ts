// The upgrade from the version before and the way back, behind a proxy and under load: the commands of docs/upgrading.md.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { graphward, productionEnvironment, type Served, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import { buildEarlier, type EarlierBuild } from "../upgrades/earlier-build.ts";
import before from "../upgrades/version-before.json" with { type: "json" };
import { proxies } from "./proxies.ts";

const root = join(import.meta.dirname, "../..");
const user = { username: "marguerite", password: "correct horse battery staple" };

let directory: string;
let earlier: EarlierBuild;
/** The steps for one server. */
let upgrade: string;
let back: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-upgrade-"));
  earlier = buildEarlier(before.commit);
  [upgrade = ""] = (await stepsOf("Behind a balancer")).slice(1);
  [back = ""] = await stepsOf("Back behind a balancer");
}, minutes(5));
afterAll(async () => {
  earlier?.remove();
  await rm(directory, { recursive: true, force: true });
});

/** The commands under this heading, one block for each step. */
const stepsOf = async (heading: string): Promise<readonly string[]> => {
  const page = await readFile(join(root, "docs/upgrading.md"), "utf8");
  const [, section = ""] = page.split(`\n### ${heading}\n`);
  const [own = ""] = section.split(/\n##+ /);
  return [...own.matchAll(/```sh\n(.*?)\n```/gs)].map(([, text = ""]) => text);
};

/** The folder that the step links to. */
const releaseIn = (step: string): string => /^ln -sfn (\S+) current$/m.exec(step)?.[1] ?? "";

interface Machine {
  readonly port: number;
  /** A step of the page, as its administrator types it. */
  run(step: string): Promise<void>;
  stop(): Promise<void>;
}

const restartLine = "sudo systemctl restart graphward";

/** A machine has the releases in its folder, and a service that runs `current`. */
const startMachine = async (name: string, environment: NodeJS.ProcessEnv): Promise<Machine> => {
  const home = join(directory, name);
  await mkdir(home, { recursive: true });
  await symlink(root, join(home, releaseIn(upgrade)));
  await symlink(join(earlier.program, "../.."), join(home, releaseIn(back)));
  const port = await findFreePort();
  const program = join(home, "current/bin/graphward.js");
  let served: Served | null = null;
  const sh = (text: string) =>
    promisify(execFile)("sh", ["-euc", text.replaceAll(":4000/", `:${port}/`)], {
      cwd: home,
      env: { PATH: process.env.PATH },
    });
  const restart = async () => {
    if (served !== null) expect((await served.stop("SIGTERM")).status).toBe(0);
    served = await serve(port, { environment, program });
  };
  return {
    port,
    async run(step) {
      const [first = "", last] = step.split(restartLine);
      await sh(first);
      if (last === undefined) return;
      await restart();
      await sh(last);
    },
    async stop() {
      await served?.stop("SIGTERM");
    },
  };
};

const sessionsOf = async (url: string) => {
  const [browser, phone] = [new Client({ url }), new Client({ url })];
  await browser.logIn(user, "SESSION");
  await phone.logIn(user, "TOKEN");
  return [browser, phone];
};

/** Reads with the sessions of every version, and logs in and out, until it is told to stop. */
const startLoad = (url: string, sessions: readonly Client[]) => {
  const result = { succeeded: 0, failures: [] as string[] };
  let isOver = false;
  const note = async (
    what: string,
    ask: () => Promise<{ readonly status: number; readonly codes: readonly string[] }>,
  ) => {
    try {
      const { status, codes } = await ask();
      if (status === 200 && codes.length === 0) result.succeeded += 1;
      else result.failures.push(`${what}: ${status} ${codes.join()}`);
    } catch (error) {
      result.failures.push(`${what}: ${error}`);
    }
  };
  const work = async (index: number) => {
    for (let count = index; !isOver; count += 1) {
      const session = sessions[count % sessions.length] ?? new Client({ url });
      await note("private", () => session.run("{ private { message } }"));
      await note("public", () => new Client({ url }).run("{ public { message } }"));
      await pass(10);
    }
  };
  const logInAndOut = async () => {
    while (!isOver) {
      const client = new Client({ url });
      await note("login", async () => {
        const answer = await client.run<{ login: { token: string } | null }>(
          `mutation { login(username: "${user.username}", password: "${user.password}", mode: TOKEN) { token } }`,
        );
        client.token = answer.data?.login?.token ?? null;
        return answer;
      });
      await note("logout", () => client.run("mutation { logout { message } }"));
      await pass(50);
    }
  };
  const running = [...Array.from({ length: 4 }, (_, index) => work(index)), logInAndOut()];
  return async () => {
    isOver = true;
    await Promise.all(running);
    return result;
  };
};

describe.each(["nginx", "HAProxy"] as const)("behind %s", (name) => {
  let database: TestDatabase;
  const machines: Machine[] = [];
  afterAll(async () => {
    for (const machine of machines) await machine.stop();
    await database?.drop();
  });

  test(
    "servers are upgraded one by one, and rolled back one by one: no request fails, and nobody is logged out",
    async () => {
      database = await createDatabase({ empty: true });
      const environment = {
        ...productionEnvironment(),
        TRUST_PROXY: "1",
        DATABASE_URL: database.url,
        // Both versions know these.
        RATE_LIMITS: ["login.account", "login.device", "login.ip"].map((name) => `${name}=1000000/1s`).join(),
        EXPLORER: "off",
        SHUTDOWN_DELAY: "2s",
        LOG_LEVEL: "info",
      };
      const inProgram = { environment, program: earlier.program };
      expect(await graphward(["migrate"], inProgram)).toMatchObject({ status: 0, stderr: "" });
      const create = ["user", "create", "--username", user.username, "--password-stdin"];
      expect((await graphward(create, { ...inProgram, input: user.password })).status).toBe(0);

      for (const machine of ["a", "b"]) machines.push(await startMachine(`${name}-${machine}`, environment));
      for (const machine of machines) await machine.run(back);

      const settings = {
        port: await findFreePort(),
        serverPorts: machines.map(({ port }) => port),
        idle: "1s",
      };
      const proxy = await proxies[name](settings);
      const sessions = await sessionsOf(proxy.url);
      const stopLoad = startLoad(proxy.url, sessions);

      expect((await stepsOf("Behind a balancer"))[0]).toBe("npx graphward migrate");
      expect((await graphward(["migrate"], { environment })).stdout).toContain("migrated: ");
      const [first, second] = machines;
      await first?.run(upgrade);
      // From both versions.
      sessions.push(...(await sessionsOf(proxy.url)), ...(await sessionsOf(proxy.url)));
      await second?.run(upgrade);
      sessions.push(...(await sessionsOf(proxy.url)));
      for (const machine of machines) await machine.run(back);

      const { succeeded, failures } = await stopLoad();
      process.stdout.write(`${name}: ${succeeded} of ${succeeded + failures.length} requests succeeded\n`);
      expect(failures, proxy.output()).toEqual([]);
      expect(succeeded).toBeGreaterThan(100);
      for (const session of sessions)
        expect((await session.run("{ private { message } }")).codes).toEqual([]);
      await proxy.stop();
    },
    minutes(5),
  );
});
