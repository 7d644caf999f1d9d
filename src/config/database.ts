// The settings of the database: the URLs, the data directory, and what is cached.
import { resolve } from "node:path";
import { z } from "zod";
import { findDuration, milliseconds, seconds } from "../time.ts";
import { completeConnection } from "./database/connection.ts";
import { readCertificates } from "./database/tls.ts";
import { type DatabaseUrl, readDatabaseUrl, UrlProblem } from "./database/url.ts";
import { onOrOff, optionalSetting, setting, type ValuesOf } from "./setting.ts";

export const databaseSettings = () => ({
  databaseUrl: optionalSetting("DATABASE_URL", {
    text: "An external PostgreSQL, version 15 or later. Without it, the built-in PostgreSQL is started in `DATA_DIR`.",
    example: "postgres://graphward:password@db.example.com/graphward?sslmode=verify-full",
    isSecret: true,
    schema: z.string().transform(toUrl),
    otherwise: null,
  }),
  databaseDirectUrl: optionalSetting("DATABASE_DIRECT_URL", {
    text: "The same database without a pooler, or through one in session mode. Required when `DATABASE_URL` leads to a pooler in transaction mode, such as PgBouncer: notices, migrations and mail jobs need a connection of their own.",
    example: "postgres://graphward:password@db.example.com/graphward?sslmode=verify-full",
    isSecret: true,
    schema: z.string().transform(toUrl),
    otherwise: null,
  }),
  databaseReplicaUrl: optionalSetting("DATABASE_REPLICA_URL", {
    text: "A streaming replica of the database, which answers lists of users, the audit trail and data exports. Everything else, and these while the replica is away or behind, is answered by `DATABASE_URL`.",
    example: "postgres://graphward:password@replica.example.com/graphward?sslmode=verify-full",
    isSecret: true,
    schema: z.string().transform(toUrl),
    otherwise: null,
  }),
  replicaLag: setting("REPLICA_LAG", {
    text: "How far the replica may be behind, 10ms to 1s. A list waits at most so long until the replica has everything that was acknowledged before the request. Then the primary answers, and so it does for a replica that is known to be further behind.",
    default: "200ms",
    schema: z.string().transform((text, context): number => {
      const [, count = ""] = /^([1-9]\d{1,3})ms$/.exec(text) ?? [];
      const lag = count === "" ? findDuration(text) : milliseconds(Number(count));
      if (lag !== null && lag >= milliseconds(10) && lag <= seconds(1)) return lag;
      context.addIssue("must be 10ms to 1s, such as 200ms: a list waits so long before the primary answers");
      return z.NEVER;
    }),
  }),
  databaseCa: optionalSetting("DATABASE_CA", {
    text: "The certificate of the authority that signed the database's certificate: a PEM file, or its text. Without it, the database's certificate must be signed by a public authority.",
    example: "/etc/ssl/certs/database-ca.pem",
    schema: z.string().transform(toCertificates),
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
  applicationSchema: setting("APPLICATION_SCHEMA", {
    text: "The PostgreSQL schema of the tables that an application adds. It is created if it is missing. Give each environment its own if several share one database.",
    default: "public",
    schema: z
      .string()
      .regex(
        /^[a-z_][a-z0-9_]{0,39}$/,
        "must be at most 40 lower-case letters, digits and underscores, and not begin with a digit",
      )
      .refine(
        (name) => !/^pg_|^information_schema$/.test(name),
        "is a name that PostgreSQL keeps for itself",
      ),
  }),
  databaseConnections: setting("DATABASE_CONNECTIONS", {
    text: "How many connections each process keeps for requests at most, 2 to 200. Up to six more serve notices, mail and upkeep, and three more the jobs of an application. A server that may open more than PostgreSQL allows says so when it starts.",
    default: "10",
    schema: z
      .string()
      .regex(/^\d{1,3}$/, "must be a number")
      .transform(Number)
      .refine((count) => count >= 2 && count <= 200, "must be 2 to 200"),
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

function toUrl(text: string, context: z.RefinementCtx) {
  try {
    return readDatabaseUrl(text);
  } catch (error) {
    if (!(error instanceof UrlProblem)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
}

function toCertificates(text: string, context: z.RefinementCtx): string {
  const certificates = readCertificates(text);
  if (certificates !== null) return certificates;
  context.addIssue("needs the path of a PEM file with certificates, or their PEM text");
  return z.NEVER;
}

type Given = Pick<
  ValuesOf<ReturnType<typeof databaseSettings>>,
  "databaseUrl" | "databaseDirectUrl" | "databaseReplicaUrl" | "databaseCa"
>;

/** The connections that the settings describe together, and what does not fit together. */
export function readConnections(
  { databaseUrl, databaseDirectUrl, databaseReplicaUrl, databaseCa: ca }: Given,
  given: NodeJS.ProcessEnv,
) {
  const complete = (url: DatabaseUrl | null, setting: string) =>
    url && completeConnection(url, { setting, ca, given });
  const main = complete(databaseUrl, "DATABASE_URL");
  const direct = complete(databaseDirectUrl, "DATABASE_DIRECT_URL");
  const replica = complete(databaseReplicaUrl, "DATABASE_REPLICA_URL");
  const alone = [
    ...(databaseUrl === null && databaseDirectUrl !== null ? ["DATABASE_DIRECT_URL"] : []),
    ...(databaseUrl === null && databaseReplicaUrl !== null ? ["DATABASE_REPLICA_URL"] : []),
    ...(databaseUrl === null && ca !== null ? ["DATABASE_CA"] : []),
  ];
  const problems = [
    ...alone.map((name) => `${name}: is set, but DATABASE_URL is not; set both, or neither`),
    ...(main?.problems ?? []),
    ...(direct?.problems ?? []),
    ...(replica?.problems ?? []),
  ];
  return {
    connection: main?.connection ?? null,
    directConnection: direct?.connection ?? null,
    replicaConnection: replica?.connection ?? null,
    problems: [...new Set(problems)],
  };
}
