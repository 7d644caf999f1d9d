// The settings of the database: the URL, the data directory, and what is cached.
import { resolve } from "node:path";
import { z } from "zod";
import { findDuration } from "../time.ts";
import { onOrOff, optionalSetting, setting } from "./setting.ts";

export const databaseSettings = () => ({
  databaseUrl: optionalSetting("DATABASE_URL", {
    text: "An external PostgreSQL, version 15 or later. Without it, the built-in PostgreSQL is started in `DATA_DIR`.",
    example: "postgres://graphward:password@db.example.com/graphward?sslmode=verify-full",
    schema: z
      .string()
      .refine(
        (text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol),
        "must look like postgres://user:password@host/name",
      ),
    otherwise: null,
  }),
  dataDir: setting("DATA_DIR", {
    text: "The directory of the built-in database, of the generated secrets, and of mail while `SMTP_URL` is not set.",
    default: ".graphward",
    schema: z.string().transform((path) => resolve(path)),
  }),
  databaseSchema: setting("DATABASE_SCHEMA", {
    text: "The PostgreSQL schema of the tables. Mail jobs are in a second one, with `_jobs` behind its name. Give each environment its own if several share one database.",
    default: "graphward",
    schema: z
      .string()
      .regex(
        /^[a-z_][a-z0-9_]{0,39}$/,
        "must be at most 40 lower-case letters, digits and underscores, and not begin with a digit",
      )
      .refine((name) => !/^pg_|^information_schema$/.test(name), "is a name that PostgreSQL keeps for itself")
      .refine(
        (name) => name !== "public",
        "must not be public, where other programs have tables of the same names",
      )
      .refine(
        (name) => !name.endsWith("_jobs"),
        "must not end in _jobs, which is the schema of another environment's jobs",
      ),
  }),
  databaseWait: setting("DATABASE_WAIT", {
    text: "How long a start waits for a database that does not respond, and a migration for a lock that somebody else holds. Then the process exits with status 1. While it waits, `/health/live` returns 200 and `/health/ready` 503. Durations: `60s`, `10m`, `1h`.",
    default: "60s",
    schema: z.string().transform((text, context): number => {
      const duration = findDuration(text);
      if (duration !== null) return duration;
      context.addIssue("must be a duration such as 60s or 10m");
      return z.NEVER;
    }),
  }),
  autoMigrate: onOrOff(
    "AUTO_MIGRATE",
    true,
    "`on` runs migrations at the start. With `off`, the server starts too, but is not ready until `graphward migrate` has run.",
  ),
  viewerCache: onOrOff(
    "VIEWER_CACHE",
    true,
    "`on` keeps sessions and users in memory, and forgets them when PostgreSQL sends a notice of a revocation. `off` queries the database for each request that has a credential.",
  ),
});
