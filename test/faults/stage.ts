// Where a fault is made: PostgreSQL, a proxy in front of it, and the built program.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFreePort } from "../../src/testing/ports.ts";
import { withoutLimits } from "../../src/testing/settings.ts";
import { type DatabaseProxy, startDatabaseProxy } from "../harness/database/proxy.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { type Program, startProgram, untilReady } from "./program.ts";

const run = promisify(execFile);

export interface Stage {
  readonly directory: string;
  readonly postgres: Postgres;
  readonly proxy: DatabaseProxy;
  readonly port: number;
  readonly metricsPort: number;
  /** The one that runs, or ran last. */
  readonly program: Program;
  /** In addition to those of every fault. `OUTPUT`: a file that takes the log. */
  settings: NodeJS.ProcessEnv;
  /** Starts a program without waiting for it. */
  begin(): Promise<void>;
  /** With its tables. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Another server of the same database, with a program of its own. */
  addServer(): Promise<Stage>;
  /** A disk of its own. */
  mountDisk(name: string, size: string): Promise<string>;
  /** With all servers. */
  close(): Promise<void>;
}

export const openStage = async (): Promise<Stage> => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-faults-"));
  const postgres = await startPostgres(directory);
  const proxy = await startDatabaseProxy(postgres.target);
  const { user, password, database } = postgres.role;
  const firstPort = await findFreePort();
  const mounted: string[] = [];
  /** As in production: nothing ends an outage sooner because a developer looks at it. */
  const always: NodeJS.ProcessEnv = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PUBLIC_URL: `http://localhost:${firstPort}`,
    DATABASE_URL: proxy.urlOf(`postgres://${user}:${encodeURIComponent(password)}@localhost/${database}`),
    SESSION_SECRET: randomBytes(32).toString("hex"),
    AUDIT_KEY: randomBytes(32).toString("hex"),
    MAIL_FROM: "service@example.org",
    RATE_LIMITS: withoutLimits,
    SHUTDOWN_DELAY: "0s",
    LOG_LEVEL: "error",
    MALLOC_ARENA_MAX: "1",
    NODE_OPTIONS: "--max-semi-space-size=8",
  };
  const programs = new Map<Stage, Program>();

  const addServer = async (port: number, dataDir: string): Promise<Stage> => {
    const metricsPort = await findFreePort();
    const own = { PORT: String(port), METRICS_PORT: String(metricsPort), DATA_DIR: dataDir };
    const stage: Stage = {
      directory,
      postgres,
      proxy,
      port,
      metricsPort,
      settings: {},
      get program() {
        const program = programs.get(stage);
        if (program === undefined) throw new Error("No program was started.");
        return program;
      },
      async addServer() {
        return addServer(await findFreePort(), join(directory, `data-${port}`));
      },
      async begin() {
        const { OUTPUT, ...settings } = stage.settings;
        programs.set(stage, await startProgram({ ...always, ...own, ...settings }, OUTPUT));
      },
      async start() {
        await stage.begin();
        await untilReady(stage.program, port);
      },
      async stop() {
        const program = programs.get(stage);
        program?.send("SIGCONT");
        program?.send("SIGTERM");
        await program?.ended;
      },
      async mountDisk(name, size) {
        const place = join(directory, name);
        await mkdir(place);
        await run("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0711`, "tmpfs", place]);
        mounted.push(place);
        return place;
      },
      async close() {
        for (const program of programs.values()) {
          program.send("SIGKILL");
          await program.ended;
        }
        await proxy.close();
        await postgres.leave();
        for (const place of mounted) await run("umount", ["-l", place]).catch(() => undefined);
        await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      },
    };
    return stage;
  };
  return addServer(firstPort, join(directory, "data"));
};

/** Closes it, also when it is interrupted. */
export const onStage = async <Value>(work: (stage: Stage) => Promise<Value>): Promise<Value> => {
  const stage = await openStage();
  const close = () => void stage.close().finally(() => process.exit(130));
  for (const signal of interruptions) process.once(signal, close);
  try {
    return await work(stage);
  } finally {
    for (const signal of interruptions) process.off(signal, close);
    await stage.close();
  }
};

export const interruptions = ["SIGINT", "SIGTERM"] as const;
