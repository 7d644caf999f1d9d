// Faults of the database, and of the way to it.
import { open, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import type pg from "pg";
import { milliseconds, seconds } from "../../../src/time.ts";
import { type Fault, onLinuxAsRoot } from "../fault.ts";
import { untilReady } from "../program.ts";
import type { Stage } from "../stage.ts";

export const databaseFaults = (): readonly Fault[] => [
  {
    name: "database absent at start",
    async begin(stage) {
      stage.program.send("SIGTERM");
      await stage.program.ended;
      await stage.postgres.stop("SIGINT");
      await stage.begin();
    },
    lasts: seconds(3),
    async end(stage) {
      await stage.postgres.start();
      stage.proxy.leadTo(stage.postgres.target);
      await untilReady(stage.program, stage.port);
    },
    endsProcess: true,
  },
  restarted("database restarted, fast", "SIGINT"),
  restarted("database restarted, immediate", "SIGQUIT"),
  {
    name: "database frozen, 8 s",
    begin: ({ postgres }) => postgres.signalAll("SIGSTOP"),
    lasts: seconds(8),
    end: ({ postgres }) => postgres.signalAll("SIGCONT"),
    rounds: 4,
  },
  {
    name: "black hole: one connection",
    begin: ({ proxy }) => proxy.silence(1),
    lasts: 0,
    end: () => undefined,
  },
  {
    name: "black hole: all connections",
    begin: ({ proxy }) => proxy.silence(),
    lasts: 0,
    end: () => undefined,
  },
  {
    name: "black hole: also new ones, 6 s",
    begin({ proxy }) {
      proxy.silence();
      proxy.freeze();
    },
    lasts: seconds(6),
    end: ({ proxy }) => proxy.thaw(),
    rounds: 4,
  },
  {
    name: "all connections reset",
    begin: ({ proxy }) => proxy.reset(),
    lasts: 0,
    end: () => undefined,
  },
  {
    name: "failover, connections reset",
    begin: ({ postgres, proxy }) => postgres.failOver(proxy, () => proxy.reset()),
    lasts: 0,
    end: () => undefined,
    rounds: 4,
  },
  {
    name: "failover, connections hang",
    begin: ({ postgres, proxy }) => postgres.failOver(proxy, () => proxy.silence()),
    lasts: 0,
    end: () => undefined,
    rounds: 4,
  },
  {
    name: "500 ms of delay, 5 s",
    // Half of it each way.
    begin: ({ proxy }) => proxy.delay(milliseconds(250)),
    lasts: seconds(5),
    end: ({ proxy }) => proxy.delay(0),
  },
  {
    name: "2 s of delay, 6 s",
    begin: ({ proxy }) => proxy.delay(seconds(1)),
    lasts: seconds(6),
    end: ({ proxy }) => proxy.delay(0),
    rounds: 4,
  },
  {
    name: "transactions terminated, 2 s",
    async begin({ postgres }) {
      const until = performance.now() + seconds(2);
      while (performance.now() < until) {
        await postgres.administrate(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where usename = '${postgres.role.user}' and (xact_start is not null or random() < 0.1)`,
        );
        await pass(20);
      }
    },
    lasts: 0,
    end: () => undefined,
  },
  {
    name: "read-only by default, 2 s",
    begin: ({ postgres }) =>
      postgres.administrate("alter system set default_transaction_read_only = on", "select pg_reload_conf()"),
    lasts: seconds(2),
    end: ({ postgres }) =>
      // The statement itself must not be read-only.
      postgres.administrate(
        "set default_transaction_read_only = off",
        "alter system reset default_transaction_read_only",
        "select pg_reload_conf()",
      ),
  },
  {
    name: "read-only: a standby, then promoted",
    async begin({ postgres, proxy }) {
      await postgres.stop("SIGINT");
      await writeFile(join(postgres.location, "standby.signal"), "");
      await postgres.start();
      proxy.leadTo(postgres.target);
    },
    lasts: seconds(3),
    end: ({ postgres }) => postgres.administrate("select pg_promote()"),
    rounds: 4,
  },
  fullDisk(),
  {
    name: "slow statements: users locked, 6 s",
    ...holding("begin; lock table graphward.users in access exclusive mode"),
    lasts: seconds(6),
    rounds: 4,
  },
  {
    name: "slow statements: 1 s for each write, 6 s",
    begin: ({ postgres }) =>
      postgres.administrate(
        `create function public.slowly() returns trigger language plpgsql as
           $$ begin perform pg_sleep(1); return null; end $$`,
        ...slowed.map(
          (table) =>
            `create trigger slowly after insert or update or delete on graphward.${table}
               for each statement execute function public.slowly()`,
        ),
      ),
    lasts: seconds(6),
    end: ({ postgres }) => postgres.administrate("drop function public.slowly() cascade"),
    rounds: 4,
  },
  slotsUsedUp(),
];

const slowed = ["users", "sessions", "audit_events", "rate_limits", "one_time_tokens"];

const restarted = (name: string, signal: "SIGINT" | "SIGQUIT"): Fault => ({
  name,
  begin: ({ postgres }) => postgres.stop(signal),
  lasts: milliseconds(500),
  async end({ postgres, proxy }) {
    await postgres.start();
    proxy.leadTo(postgres.target);
  },
});

/** Another client does it, and ends. */
function holding(...statements: readonly string[]): Pick<Fault, "begin" | "end"> {
  let holder: pg.Client | null = null;
  return {
    async begin({ postgres }) {
      holder = await postgres.connect();
      for (const statement of statements) await holder.query(statement);
    },
    async end() {
      await holder?.end();
    },
  };
}

/** PostgreSQL may end itself meanwhile, and recover. */
function fullDisk(): Fault {
  let filler = "";
  return {
    name: "disk of the database full, 4 s",
    findObstacle: onLinuxAsRoot,
    async prepare(stage) {
      const disk = await stage.mountDisk("small", "400m");
      await stage.postgres.failOver(stage.proxy, () => stage.proxy.reset(), disk);
      filler = join(disk, "filler");
      return () => stage.postgres.failOver(stage.proxy, () => stage.proxy.reset());
    },
    begin: () => fill(filler),
    lasts: seconds(4),
    end: () => rm(filler),
    rounds: 4,
  };
}

/** Writes a file until its disk has no space left. */
export const fill = async (filler: string): Promise<void> => {
  const file = await open(filler, "w");
  const { bavail, bsize } = await statfs(filler);
  await file.write(Buffer.alloc(bavail * bsize)).catch(() => undefined);
  await file.close();
};

/** By others, who also take those that the server loses. */
function slotsUsedUp(): Fault {
  let others: pg.Client[] = [];
  const takeAll = async ({ postgres }: Stage) => {
    for (;;) {
      try {
        others.push(await postgres.connect());
      } catch {
        return;
      }
    }
  };
  return {
    name: "connection slots used up, 3 s",
    async begin(stage) {
      await takeAll(stage);
      stage.proxy.reset();
      const until = performance.now() + seconds(3);
      while (performance.now() < until) {
        await takeAll(stage);
        await pass(5);
      }
    },
    lasts: 0,
    async end() {
      await Promise.all(others.map((client) => client.end()));
      others = [];
    },
  };
}
