// The settings of the process: production or not, where it listens, and how much it logs.
import { availableParallelism } from "node:os";
import { z } from "zod";
import { portNumber } from "./port.ts";
import { setting } from "./setting.ts";

/** Beyond this, PostgreSQL's connections end first. */
const maxWorkers = 64;

const workersSetting = setting("WORKERS", {
  text: "How many processes serve, at most 64, or `auto`: one for each core. Each has database connections of its own. SIGHUP replaces them one by one, so that a new build or setting needs no downtime.",
  default: "1",
  schema: z
    .string()
    .regex(/^(auto|[1-9]\d?)$/, `must be a number of processes, at most ${maxWorkers}, or auto`)
    .transform((text) => (text === "auto" ? Math.min(availableParallelism(), maxWorkers) : Number(text)))
    .refine((count) => count <= maxWorkers, `must be at most ${maxWorkers}`),
});

/**
 * Each hash occupies one of libuv's four threads for tens of milliseconds. One always stays free, so that a flood of logins never
 * blocks DNS and file access.
 */
export const maxHashesOfProcess = 3;

/** A core stays free: beside a hash on each core, every other request waits for its turn (docs/performance.md). */
export const defaultHashesAtOnce = (): number => Math.max(1, availableParallelism() - 1);

const hashesSetting = setting("HASHES_AT_ONCE", {
  text: "How many passwords all processes of this server hash at once, at most three each. `auto`: one less than there are cores, so that other requests do not wait for logins. Where only logins come, as many as there are cores. Read once: SIGHUP does not change it.",
  default: "auto",
  schema: z
    .string()
    .regex(/^(auto|[1-9]\d?\d?)$/, "must be a number of hashes, or auto")
    .transform((text) => (text === "auto" ? defaultHashesAtOnce() : Number(text))),
});

/** A wrong number is reported with all other settings, by a process that serves alone. */
export const toWorkers = (text: string | undefined): number =>
  workersSetting.schema.safeParse(text || undefined).data ?? 1;

/** Not a setting: what the primary process tells a new worker, which must know it before it listens. */
export const othersServe = "GRAPHWARD_OTHERS_SERVE";

export const processSettings = (production: boolean) => ({
  production: setting("NODE_ENV", {
    text: "`production` turns the explorer and introspection off, listens on all interfaces, and requires `SESSION_SECRET`, `AUDIT_KEY` and `PUBLIC_URL` when `DATABASE_URL` is set. The other values are `development` and `test`.",
    default: "development",
    schema: z
      .enum(["development", "production", "test"])
      .transform((mode) => mode === "production") as z.ZodType<boolean, string>,
  }),
  port: setting("PORT", {
    text: "The port to listen on.",
    default: "4000",
    schema: portNumber(),
  }),
  host: setting("HOST", {
    text: "The address to listen on.",
    default: production ? "0.0.0.0" : "127.0.0.1",
    schema: z.string(),
  }),
  workers: workersSetting,
  hashesAtOnce: hashesSetting,
  logLevel: setting("LOG_LEVEL", {
    text: "`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. Requests are logged at `info`.",
    default: "info",
    schema: z.enum(logLevels) as z.ZodType<LogLevel, string>,
  }),
});

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
type LogLevel = (typeof logLevels)[number];
