// The environment, checked once and frozen. No other file reads process.env.
import { existsSync, readFileSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { parseEnv } from "node:util";
import type { z } from "zod";
import { accountSettings } from "./accounts.ts";
import { databaseSettings, readConnections } from "./database.ts";
import { documentLimitSettings } from "./document-limits.ts";
import { graphqlSettings } from "./graphql.ts";
import { liveSettings } from "./live.ts";
import { mailSettings, mailVariables } from "./mail.ts";
import { connectionSettings } from "./network/connections.ts";
import { findSharedPort, metricsSettings } from "./network/metrics.ts";
import { networkSettings } from "./network/network.ts";
import { othersServe, processSettings, toWorkers } from "./process.ts";
import { rateLimitSettings } from "./rate-limits.ts";
import { findRedisProblems, redisSettings } from "./redis.ts";
import { auditSettings } from "./secrets/audit-key.ts";
import { fileVariable, readSecretFiles } from "./secrets/secret-files.ts";
import { sessionSettings } from "./secrets/session-secret.ts";
import { readSettings, type Setting } from "./setting.ts";
import { identityProviderSettings, returnOrigins } from "./sign-in/identity-providers.ts";
import { passkeySettings, readPasskeys } from "./sign-in/passkeys.ts";
import { signInSettings } from "./sign-in.ts";

export type Config = ReturnType<typeof readConfig>;

/** Throws one ConfigurationError that lists every problem by the name of its variable. */
export const readConfig = (
  environment: NodeJS.ProcessEnv = processEnvironment(),
  application: z.ZodObject | null = null,
) => {
  // Compose files pass `NAME=` for a variable that the operator left out: an empty value is an unset one.
  const written = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const production = written.NODE_ENV === "production";
  const known = settings(production);
  const files = readSecretFiles(namesInFiles(known, application), written);
  const { given } = files;

  const { values, problems } = readSettings(known, given);
  const missing = production ? findMissing(Object.values(known), given) : [];
  const connections = values && readConnections(values, given);
  const passkeys = values && readPasskeys(values, publicUrlOf(values));
  const own = readApplicationSettings(application, given, known);
  const others = [
    ...files.problems,
    ...own.problems,
    ...missing,
    ...(connections?.problems ?? []),
    ...(passkeys?.problems ?? []),
    ...(values ? [...findSharedSchema(values), ...findSharedPort(values), ...findRedisProblems(values)] : []),
  ];
  if (values === null || connections === null || passkeys === null || others.length > 0)
    throw new ConfigurationError([...problems, ...others]);

  const {
    databaseUrl,
    databaseDirectUrl: _,
    databaseReplicaUrl: __,
    databaseCa: ___,
    passkeyRpId: ____,
    passkeyOrigins: _____,
    redisServer,
    redisCa,
    redisPrefix,
    ...kept
  } = values;
  const { smtp, mailFrom, verifyUrl, resetUrl, emailChangeUrl, loginUrl, rateLimits, ...rest } = kept;
  const publicUrl = publicUrlOf(values);
  const allowedOrigins = rest.allowedOrigins ?? new Set([publicUrl.origin]);
  return Object.freeze({
    ...rest,
    /** By the names of their variables. */
    applicationSettings: own.values,
    /** As it was written. Null: the built-in database. */
    databaseUrl: databaseUrl?.text ?? null,
    connection: connections.connection,
    /** Null: as `connection`. */
    directConnection: connections.directConnection,
    /** Null: there is none. */
    redis: redisServer && { ...redisServer, ca: redisCa, prefix: redisPrefix },
    /** For lists. Null: there is no replica. */
    replicaConnection: connections.replicaConnection,
    publicUrl,
    /** Null: there are none. */
    passkeys: passkeys.settings,
    // Browsers ignore the port of a cookie: servers on one host would end each other's sessions.
    cookieName: rest.cookieName ?? (production ? "graphward" : `graphward-${rest.port}`),
    allowedOrigins,
    loginReturnTo: returnOrigins(rest.loginReturnTo, publicUrl, allowedOrigins),
    mail: mailSettings({ smtp, mailFrom, verifyUrl, resetUrl, emailChangeUrl, loginUrl }, publicUrl),
    rateLimits: rateLimits.settings,
    /** Names in RATE_LIMITS that a later version will refuse, each with its new name. */
    renamedRateLimits: rateLimits.renamed,
    /**
     * Node's own switch. With 0, every certificate is accepted, from the database and from the mail server.
     */
    checksCertificates: given.NODE_TLS_REJECT_UNAUTHORIZED !== "0",
  });
};

/** Ours that are secret. Which of the application's are, its schema does not say: all, if it has no such name itself. */
const namesInFiles = (
  known: Readonly<Record<string, Setting>>,
  application: z.ZodObject | null,
): readonly string[] => {
  const own = Object.keys(application?.shape ?? {});
  return [
    ...Object.values(known).flatMap(({ variable, isSecret }) => (isSecret ? [variable] : [])),
    ...own.filter((name) => !own.includes(fileVariable(name))),
  ];
};

const publicUrlOf = ({ publicUrl, port }: { readonly publicUrl: URL | null; readonly port: number }): URL =>
  publicUrl ?? new URL(`http://localhost:${port}`);

/** Made once: zod compiles what it parses with. */
export const settings = (production: boolean): Settings => {
  const made = listed.get(production) ?? listSettings(production);
  listed.set(production, made);
  return made;
};

type Settings = ReturnType<typeof listSettings>;
const listed = new Map<boolean, Settings>();

const listSettings = (production: boolean) => ({
  ...processSettings(production),
  ...databaseSettings(),
  ...redisSettings(),
  ...sessionSettings(production),
  ...auditSettings(production),
  ...networkSettings(),
  ...connectionSettings(production),
  ...metricsSettings(),
  ...mailVariables(production),
  ...accountSettings(),
  ...signInSettings(),
  ...passkeySettings(),
  ...identityProviderSettings(production),
  ...rateLimitSettings(),
  ...graphqlSettings(production),
  ...liveSettings(),
  ...documentLimitSettings(),
});

/**
 * Settings that production requires: servers of one database must share their secrets, links must not depend
 * on the `Host` header, and mail servers refuse an invented sender.
 */
const findMissing = (known: readonly Setting[], given: NodeJS.ProcessEnv): string[] =>
  known.flatMap(({ variable, requiredWith }) =>
    requiredWith !== null &&
    given[requiredWith] !== undefined &&
    given[variable] === undefined &&
    // Set, and reported already if it could not be read.
    given[fileVariable(variable)] === undefined
      ? [`${variable}: is required in production with ${requiredWith}`]
      : [],
  );

/** Only the variables of the application's schema, so that it reads no secret of ours by accident. */
const readApplicationSettings = (
  schema: z.ZodObject | null,
  given: NodeJS.ProcessEnv,
  ours: Readonly<Record<string, Setting>>,
): { readonly values: Readonly<Record<string, unknown>>; readonly problems: readonly string[] } => {
  if (schema === null) return { values: {}, problems: [] };
  const names = Object.keys(schema.shape);
  const taken = Object.values(ours).filter(({ variable }) => names.includes(variable));
  if (taken.length > 0)
    return { values: {}, problems: taken.map(({ variable }) => `${variable}: is Graphward's own setting`) };
  const parsed = schema.safeParse(Object.fromEntries(names.map((name) => [name, given[name]])));
  if (parsed.success) return { values: parsed.data, problems: [] };
  return {
    values: {},
    problems: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
  };
};

/** A table of the application would otherwise take the place of one of ours. */
const findSharedSchema = (values: {
  readonly databaseSchema: string;
  readonly applicationSchema: string;
}): string[] =>
  [values.databaseSchema, `${values.databaseSchema}_jobs`].includes(values.applicationSchema)
    ? ["APPLICATION_SCHEMA: must differ from DATABASE_SCHEMA and from the schema of its jobs"]
    : [];

/** Before all other settings are read: how many processes read them. */
export const readWorkers = (): number => toWorkers(unloadedEnvironment().WORKERS);

/** In a worker: whether others served when it was started. */
export const readOthersServe = (): boolean => process.env[othersServe] === "yes";

/** For a process whose children read .env again: what it loaded itself would stay theirs, and hide a change. */
export const unloadedEnvironment = (): NodeJS.ProcessEnv => ({
  ...(existsSync(".env") && parseEnv(readFileSync(".env", "utf8"))),
  ...process.env,
});

const processEnvironment = (): NodeJS.ProcessEnv => {
  if (existsSync(".env")) loadEnvFile(".env");
  return process.env;
};

/** For psql: PGHOSTADDR or PGSERVICE of the developer's shell would lead it to another database. */
export const environmentWithoutPostgres = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PG")));

export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((it) => `  ${it}`).join("\n")}`,
    );
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}
