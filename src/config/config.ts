// The environment, checked once and frozen. Nothing else reads process.env.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { loadEnvFile } from "node:process";
import { z } from "zod";
import { days, findDuration } from "../time.ts";
import { linkTemplate, type MailSettings, mailbox, mailSettings, smtpUrl } from "./mail.ts";
import { isTooWideForProxies } from "./proxy-range.ts";
import { defaultRateLimits, type RateLimitSettings, rateLimitOverrides } from "./rate-limits.ts";
import { problemsOfSecrets } from "./secrets.ts";

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** An external PostgreSQL, or null: the embedded one is started. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** The first signs, all verify. Empty: one is generated and kept in `dataDir`. */
  readonly sessionSecrets: readonly string[];
  /** The first seals the audit trail, all verify it. Empty: one is generated and kept in `dataDir`. */
  readonly auditKeys: readonly string[];
  readonly auditRetention: number;
  /** The origin people reach us at, and the only source of links. */
  readonly publicUrl: URL;
  readonly allowedOrigins: ReadonlySet<string>;
  /** Hop count, or the addresses of the proxies. */
  readonly trustProxy: number | readonly string[];
  readonly mail: MailSettings;
  readonly rateLimits: RateLimitSettings;
  /** Asked whether a new password was in a breach, or null. */
  readonly breachedPasswordsUrl: URL | null;
  readonly autoMigrate: boolean;
  /** Off: each request with a credential asks the database. */
  readonly viewerCache: boolean;
  readonly registration: "open" | "closed";
  /** On: an account does little more than proving its address, until that is done. */
  readonly requireVerifiedEmail: boolean;
  readonly explorer: boolean;
  readonly introspection: boolean;
  readonly logLevel: LogLevel;
  /** Node's own switch: off, it takes any certificate, of the database, of the mail server, of all. */
  readonly checksCertificates: boolean;
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
type LogLevel = (typeof logLevels)[number];

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

/** Throws one ConfigurationError that lists every problem by the name of its variable. */
export const readConfig = (environment: NodeJS.ProcessEnv = processEnvironment()): Config => {
  const production = environment.NODE_ENV === "production";
  // An empty value is an unset one: compose files pass `NAME=` for what the operator left out.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));

  const parsed = variables(production).safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map(describeIssue);
  problems.push(...missingInProduction(production, given));
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);

  const values = parsed.data;
  const publicUrl = values.PUBLIC_URL ?? new URL(`http://localhost:${values.PORT}`);
  return Object.freeze({
    production,
    host: values.HOST,
    port: values.PORT,
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: resolve(values.DATA_DIR),
    sessionSecrets: values.SESSION_SECRET,
    auditKeys: values.AUDIT_KEY,
    auditRetention: values.AUDIT_RETENTION,
    publicUrl,
    allowedOrigins: new Set(values.ALLOWED_ORIGINS ?? [publicUrl.origin]),
    trustProxy: values.TRUST_PROXY,
    mail: mailSettings(values, publicUrl),
    rateLimits: values.RATE_LIMITS,
    breachedPasswordsUrl: values.BREACHED_PASSWORDS_URL ?? null,
    autoMigrate: values.AUTO_MIGRATE,
    viewerCache: values.VIEWER_CACHE,
    registration: values.REGISTRATION,
    requireVerifiedEmail: values.REQUIRE_VERIFIED_EMAIL,
    explorer: values.EXPLORER,
    introspection: values.INTROSPECTION,
    logLevel: values.LOG_LEVEL,
    checksCertificates: given.NODE_TLS_REJECT_UNAUTHORIZED !== "0",
  });
};

const variables = (production: boolean) =>
  z.object({
    NODE_ENV: z.enum(["development", "production", "test"]).optional(),
    PORT: z
      .string()
      .regex(/^\d{1,5}$/, "must be a port number")
      .transform(Number)
      .refine((port) => port <= 65_535, "must be at most 65535")
      .default(4000),
    HOST: z.string().default(production ? "0.0.0.0" : "127.0.0.1"),
    DATABASE_URL: z
      .string()
      .refine(
        (text) => /^postgres(ql)?:$/.test(findUrl(text)?.protocol ?? ""),
        "must look like postgres://user:password@host/name",
      )
      .optional(),
    DATA_DIR: z.string().default(".graphward"),
    SESSION_SECRET: secrets(production),
    AUDIT_KEY: secrets(production),
    AUDIT_RETENTION: z.string().transform(toRetention).default(days(400)),
    PUBLIC_URL: z.string().transform(toOrigin).optional(),
    ALLOWED_ORIGINS: z
      .string()
      .transform(commaSeparated)
      .pipe(
        z.array(
          z
            .string()
            .transform(toOrigin)
            .transform((url) => url.origin),
        ),
      )
      .optional(),
    TRUST_PROXY: z.string().transform(toTrustedProxies).default(0),
    SMTP_URL: smtpUrl(production).optional(),
    MAIL_FROM: mailbox.optional(),
    VERIFY_URL: linkTemplate.optional(),
    RESET_URL: linkTemplate.optional(),
    EMAIL_CHANGE_URL: linkTemplate.optional(),
    BREACHED_PASSWORDS_URL: z.string().transform(toFolder).optional(),
    RATE_LIMITS: rateLimitOverrides.default(defaultRateLimits),
    AUTO_MIGRATE: onOrOff(true),
    VIEWER_CACHE: onOrOff(true),
    REGISTRATION: z.enum(["open", "closed"], { error: "must be open or closed" }).default("open"),
    REQUIRE_VERIFIED_EMAIL: onOrOff(false),
    EXPLORER: onOrOff(!production),
    INTROSPECTION: onOrOff(!production),
    LOG_LEVEL: z.enum(logLevels).default("info"),
  });

const secrets = (production: boolean) =>
  z
    .string()
    .transform(commaSeparated)
    .superRefine((given, context) => {
      for (const problem of production ? problemsOfSecrets(given) : []) context.addIssue(problem);
    })
    .default([]);

/** Whole days are dropped, so that less than one would drop events of today. */
const toRetention = (text: string, context: z.RefinementCtx): number => {
  const retention = findDuration(text);
  if (retention !== null && retention >= days(1)) return retention;
  context.addIssue("must be at least a day, such as 400d");
  return z.NEVER;
};

const onOrOff = (fallback: boolean) =>
  z
    .enum(["on", "off"], { error: "must be on or off" })
    .transform((value) => value === "on")
    .default(fallback);

/** A second server must share the secrets, nobody may guess our address from `Host`, and mail from a made-up one is refused. */
const missingInProduction = (production: boolean, given: NodeJS.ProcessEnv): string[] =>
  [
    ["SESSION_SECRET", "DATABASE_URL"],
    ["AUDIT_KEY", "DATABASE_URL"],
    ["PUBLIC_URL", "DATABASE_URL"],
    ["MAIL_FROM", "SMTP_URL"],
  ].flatMap(([name = "", other = ""]) =>
    production && given[other] !== undefined && given[name] === undefined
      ? [`${name}: is required in production with ${other}`]
      : [],
  );

const toOrigin = (text: string, context: z.RefinementCtx): URL => {
  const url = findUrl(text);
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url;
  context.addIssue(
    `${JSON.stringify(text)} must be an origin such as https://api.example.com, without a path`,
  );
  return z.NEVER;
};

/** What is asked for is put behind the last slash. */
const toFolder = (text: string, context: z.RefinementCtx): URL => {
  const url = findUrl(text);
  // `fetch` takes no credentials in an address: every question would fail, and every password pass.
  const rest = url === null ? "" : url.username + url.password + url.search + url.hash;
  if (url && /^https?:$/.test(url.protocol) && url.pathname.endsWith("/") && rest === "") return url;
  context.addIssue("must look like https://api.pwnedpasswords.com/range/");
  return z.NEVER;
};

/** Never "all": whoever can reach us could then choose the address that limits and logs see. */
const toTrustedProxies = (text: string, context: z.RefinementCtx): number | readonly string[] => {
  // More in a row than anybody has: each that is not there is an address that the client makes up.
  if (/^\d$/.test(text)) return Number(text);
  const addresses = commaSeparated(text);
  try {
    // A number is an address too, to some.
    if (!/^\d+$/.test(text) && !addresses.some(isTooWideForProxies)) return addresses;
  } catch {
    // Told below, in the words of the variable.
  }
  context.addIssue(
    "must be a number of hops, at most 9, or addresses and CIDR ranges separated by commas: private ones, or public ones of at most a /12 of IPv4 or a /24 of IPv6",
  );
  return z.NEVER;
};

const findUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);

const commaSeparated = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const describeIssue = (issue: z.core.$ZodIssue): string =>
  `${issue.path[0]?.toString() ?? ""}: ${issue.message}`;

const processEnvironment = (): NodeJS.ProcessEnv => {
  if (existsSync(".env")) loadEnvFile(".env");
  return process.env;
};
