// Faults of the server's own process, and of what the system gives it.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { promisify } from "node:util";
import { milliseconds, seconds } from "../../../src/time.ts";
import { type Fault, onLinuxAsRoot } from "../fault.ts";
import type { Stage } from "../stage.ts";
import { fill } from "./database.ts";
import { findMissingMail, readOutboxOf } from "./mail.ts";

const run = promisify(execFile);

export const processFaults = (): readonly Fault[] => [
  {
    name: "kill -9 under load",
    async begin({ program }) {
      program.send("SIGKILL");
      await program.ended;
    },
    lasts: 0,
    end: (stage) => stage.start(),
    endsProcess: true,
    rounds: 10,
  },
  {
    name: "SIGTERM under load",
    async begin({ program }) {
      program.send("SIGTERM");
      await program.ended;
    },
    lasts: 0,
    end: (stage) => stage.start(),
    endsProcess: true,
    rounds: 10,
  },
  {
    name: "SIGTERM twice, in a stall",
    async begin({ program, postgres }) {
      // Something to wait for: otherwise, the first one ends it before the second.
      await postgres.signalAll("SIGSTOP");
      program.send("SIGTERM");
      await pass(milliseconds(1500));
      program.send("SIGTERM");
      await program.ended;
    },
    lasts: 0,
    async end(stage) {
      await stage.postgres.signalAll("SIGCONT");
      await stage.start();
    },
    endsProcess: true,
  },
  {
    name: "event loop stalled, 5 s",
    begin: ({ program }) => program.send("SIGSTOP"),
    lasts: seconds(5),
    end: ({ program }) => program.send("SIGCONT"),
    waits: seconds(5),
    rounds: 4,
  },
  {
    name: "out of memory, 3 s",
    findObstacle: onLinuxAsRoot,
    async begin({ program }) {
      const status = await readFile(`/proc/${program.pid}/status`, "utf8");
      const data = Number(/VmData:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
      await limit(program.pid, "data", data + 4 * 1024 * 1024);
    },
    lasts: seconds(3),
    async end(stage) {
      if (stage.program.isRunning) await limit(stage.program.pid, "data", "unlimited");
      else await stage.start();
    },
    endsProcess: true,
  },
  descriptorsUsedUp(),
  {
    name: "disk of the log full, 3 s",
    findObstacle: onLinuxAsRoot,
    async prepare(stage) {
      const disk = await stage.mountDisk("log", "256k");
      stage.settings = { LOG_LEVEL: "info", OUTPUT: join(disk, "log") };
      return undefined;
    },
    begin: ({ directory }) => fill(join(directory, "log", "filler")),
    lasts: seconds(3),
    async end({ directory }) {
      await rm(join(directory, "log", "filler"));
      // As a rotation does.
      await writeFile(join(directory, "log", "log"), "");
    },
  },
  {
    name: "disk of the outbox full, 3 s",
    findObstacle: onLinuxAsRoot,
    async prepare(stage) {
      const disk = await stage.mountDisk("outbox", "8m");
      await chmod(disk, 0o700);
      await mkdir(join(disk, "data"));
      stage.settings = { DATA_DIR: join(disk, "data") };
      return undefined;
    },
    begin: ({ directory }) => fill(join(directory, "outbox", "filler")),
    lasts: seconds(3),
    end: ({ directory }) => rm(join(directory, "outbox", "filler")),
    findLost: (stage, ledger) =>
      findMissingMail(stage, ledger, () => readOutboxOf(join(stage.directory, "outbox", "data"))),
  },
  clock("clock a day ahead, 3 s", "+1d"),
  clock("clock a day behind, 3 s", "-1d"),
];

const limit = (pid: number, resource: string, most: number | string) =>
  run("prlimit", ["--pid", String(pid), `--${resource}=${most}:`]);

/** By connections that send half of a request. */
function descriptorsUsedUp(): Fault {
  const sockets: Socket[] = [];
  return {
    name: "descriptors used up, 4 s",
    findObstacle: onLinuxAsRoot,
    async begin({ program, port }: Stage) {
      const { descriptors } = await program.readState();
      await limit(program.pid, "nofile", descriptors + 20);
      for (let count = 0; count < 300; count += 1) {
        const socket = connect({ port, host: "127.0.0.1" }, () => socket.write("POST /graphql HTTP/1.1\r\n"));
        socket.on("error", () => undefined);
        sockets.push(socket);
      }
    },
    lasts: seconds(4),
    async end({ program }) {
      for (const socket of sockets.splice(0)) socket.destroy();
      await limit(program.pid, "nofile", 20_000);
    },
  };
}

const library = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
].find((path) => existsSync(path));

/** Sets the clock of the server: timers go on, as they do when an administrator sets the clock. */
function clock(name: string, by: string): Fault {
  const fileOf = ({ directory }: Stage) => join(directory, "clock");
  return {
    name,
    findObstacle: () => (library === undefined ? "it needs the package faketime" : null),
    async prepare(stage) {
      await writeFile(fileOf(stage), "+0");
      stage.settings = {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: fileOf(stage),
        FAKETIME_CACHE_DURATION: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        DONT_FAKE_MONOTONIC: "1",
      };
      return undefined;
    },
    begin: (stage) => writeFile(fileOf(stage), by),
    lasts: seconds(3),
    end: (stage) => writeFile(fileOf(stage), "+0"),
  };
}
