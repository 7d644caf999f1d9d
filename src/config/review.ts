// The review behind `graphward check`: settings that work but are not safe.
import { days, seconds } from "../time.ts";
import type { Config } from "./config.ts";
import { isDatabaseOverheard, isNameUnchecked } from "./database/transport.ts";
import { riskyDocumentLimits } from "./document-limits.ts";
import { leavesTheMachine } from "./network/hosts.ts";
import { hasWildcard } from "./network/origins.ts";
import { type BudgetName, defaultRateLimits, type RateLimitSettings } from "./rate-limits.ts";
import { isRedisOpen, isRedisOverheard } from "./redis.ts";
import { problemsOfSecrets } from "./secrets.ts";

export interface Finding {
  readonly severity: "error" | "warning";
  /** The setting to change. */
  readonly name: string;
  readonly text: string;
}

/** What the review must know of an application. */
const withoutApplication = { deliversMail: false };

/** A CDN, a load balancer and an ingress. */
const maxProxies = 3;

/** How long proxies keep an idle connection: nginx, Envoy in its usual charts, and the load balancers of AWS. */
const usualIdleTime = seconds(60);

const silentLevels: readonly Config["logLevel"][] = ["error", "fatal", "silent"];

/**
 * A setting that lets an attacker read or guess secrets, or block all logins, or that is of no use, is an error in production and a
 * warning in development. A setting that may be intended is a warning everywhere.
 */
export const reviewDeployment = (config: Config, application = withoutApplication): Finding[] => {
  const severity = config.production ? "error" : "warning";
  const isHttps = config.publicUrl.protocol === "https:";
  const { smtp } = config.mail;
  const isBuiltIn = config.databaseUrl === null;

  const rules: readonly [boolean, Finding][] = [
    [
      !config.production,
      {
        severity: "warning",
        name: "NODE_ENV",
        text: "is not production: the explorer and introspection are on unless you turn them off",
      },
    ],
    [!isHttps, { severity, name: "PUBLIC_URL", text: "is http: cookies and tokens are not encrypted" }],
    [config.explorer, { severity, name: "EXPLORER", text: "is on: anyone can explore the API in a browser" }],
    [config.introspection, { severity, name: "INTROSPECTION", text: "is on: clients can read the schema" }],
    [
      config.production && isHttps && config.trustProxy === 0,
      {
        // The server itself has no https: a proxy must be in front of it.
        severity,
        name: "TRUST_PROXY",
        text: "is 0, but PUBLIC_URL is https: all clients seem to have the proxy's IP, so one client can use up the limits of all",
      },
    ],
    [
      typeof config.trustProxy === "number" && config.trustProxy > maxProxies,
      {
        severity: "warning",
        name: "TRUST_PROXY",
        text: `is more than ${maxProxies}: if it is too high, a client can choose the IP that limits and logs see`,
      },
    ],
    [
      config.production && config.keepAlive <= usualIdleTime,
      {
        severity: "warning",
        name: "KEEP_ALIVE",
        text: "is at most 60 s: most proxies keep an idle connection for 60 s, and a request on one that we just closed gets no response",
      },
    ],
    [
      config.production && config.shutdownDelay === 0,
      {
        severity: "warning",
        name: "SHUTDOWN_DELAY",
        text: "is 0s: a balancer learns too late that the server ends, and the requests that it still sends fail",
      },
    ],
    [
      config.metricsPort !== null && leavesTheMachine({ hostname: config.metricsHost }),
      {
        severity: "warning",
        name: "METRICS_HOST",
        text: "is not loopback: everyone who reaches METRICS_PORT learns how busy the server is and how many logins fail",
      },
    ],
    [
      config.metricsPort === 0,
      {
        severity,
        name: "METRICS_PORT",
        text: "is 0: the system chooses a port at each start, and Prometheus cannot know it",
      },
    ],
    [
      config.production && isBuiltIn,
      {
        severity: "warning",
        name: "DATABASE_URL",
        text: "is not set: the built-in database runs on one machine and has no backup",
      },
    ],
    ...transportRules(config, severity),
    [
      config.redis !== null && isRedisOverheard(config.redis),
      {
        severity,
        name: "REDIS_URL",
        text: "does not begin with rediss://: the network can read its password, and reset the counts of failed logins",
      },
    ],
    [
      config.redis !== null && isRedisOpen(config.redis),
      {
        severity,
        name: "REDIS_URL",
        text: "has no password: everyone who reaches Redis can reset the counts of failed logins",
      },
    ],
    [
      !config.checksCertificates,
      {
        severity,
        name: "NODE_TLS_REJECT_UNAUTHORIZED",
        text: "is 0: any server can pretend to be the database or the mail server",
      },
    ],
    [
      config.production && config.registration === "open" && !config.requireVerifiedEmail,
      {
        severity: "warning",
        name: "REGISTRATION",
        text: "is open and REQUIRE_VERIFIED_EMAIL is off: a user with an invented email can use the account at once",
      },
    ],
    [
      config.production && smtp === null && !application.deliversMail,
      {
        severity: "warning",
        name: "SMTP_URL",
        text: "is not set: mail is written to DATA_DIR/outbox, and nobody receives it",
      },
    ],
    [
      config.production &&
        smtp !== null &&
        !smtp.isTlsFromStart &&
        !smtp.isTlsRequired &&
        leavesTheMachine({ hostname: smtp.host }),
      {
        severity,
        name: "SMTP_URL",
        text: "does not require TLS: links that open accounts may be sent without encryption",
      },
    ],
    [
      config.production && isHttps && Object.values(config.mail.links).some((link) => /^http:/i.test(link)),
      {
        severity,
        name: "VERIFY_URL, RESET_URL, EMAIL_CHANGE_URL, LOGIN_URL",
        text: "contain an http link: an attacker on the network can use the link first",
      },
    ],
    [
      [...config.allowedOrigins].some((origin) => origin.startsWith("http:") && isHttps),
      {
        severity,
        name: "ALLOWED_ORIGINS",
        text: "contains an http origin: an attacker on the network can act as its users",
      },
    ],
    [
      config.production && [...config.allowedOrigins].some(hasWildcard),
      {
        severity: "warning",
        name: "ALLOWED_ORIGINS",
        text: "contains a wildcard: each page below that name can act as its users",
      },
    ],
    [
      config.breachedPasswordsUrl?.protocol === "http:" && leavesTheMachine(config.breachedPasswordsUrl),
      {
        severity,
        name: "BREACHED_PASSWORDS_URL",
        text: "is http: an attacker on the network learns part of each new password's digest, and can declare any password safe",
      },
    ],
    [
      config.production && isBuiltIn && config.auditKeys.length === 0,
      {
        severity: "warning",
        name: "AUDIT_KEY",
        text: "is not set: the key is kept beside the database, so an attacker who can change the audit trail can seal it again",
      },
    ],
    [
      config.auditKeys.some((key) => config.sessionSecrets.includes(key)),
      { severity, name: "AUDIT_KEY", text: "is also a SESSION_SECRET: an attacker who learns one has both" },
    ],
    [
      config.production && silentLevels.includes(config.logLevel),
      {
        severity: "warning",
        name: "LOG_LEVEL",
        text: `is ${config.logLevel}: requests, and problems with mail and limits, are not logged`,
      },
    ],
    [
      config.production && config.auditRetention < days(30),
      {
        severity: "warning",
        name: "AUDIT_RETENTION",
        text: "is less than 30 days: a theft that is noticed late leaves no trace",
      },
    ],
    ...config.identityProviders
      .filter(({ trustEmail, issuer }) => trustEmail && isOpenToAll(issuer))
      .map(({ id }): [boolean, Finding] => [
        true,
        {
          severity: "warning",
          name: "IDENTITY_PROVIDERS",
          text: `trusts the emails of ${id}, where anybody can register: an account opens to whoever has its email there, even if it was the email of another person before`,
        },
      ]),
    ...secretRules("SESSION_SECRET", config.sessionSecrets),
    ...secretRules("AUDIT_KEY", config.auditKeys),
    ...config.renamedRateLimits.map((text): [boolean, Finding] => [
      true,
      { severity: "warning", name: "RATE_LIMITS", text: `${text}; the next version refuses the old name` },
    ]),
    ...riskyDocumentLimits(config.documentLimits).map(({ name, careful, risk }): [boolean, Finding] => [
      true,
      { severity: "warning", name: "DOCUMENT_LIMITS", text: `raises ${name} above ${careful}: ${risk}` },
    ]),
    ...looserBudgets(config.rateLimits).map((name): [boolean, Finding] => [
      true,
      {
        // Many users may share an IP; nobody needs many attempts at one account.
        severity: name.endsWith(".ip") ? "warning" : severity,
        name: "RATE_LIMITS",
        text: `raises ${name} above its default: an attacker can guess more often`,
      },
    ]),
  ];
  return rules.filter(([applies]) => applies).map(([, finding]) => finding);
};

/** Providers for people of any organisation. Of Microsoft there is one's own tenant only. */
const openToAll = ["accounts.google.com", "gitlab.com", "github.com", "appleid.apple.com"];

const isOpenToAll = (issuer: string): boolean => openToAll.includes(new URL(issuer).hostname);

const transportRules = (config: Config, severity: Finding["severity"]): [boolean, Finding][] =>
  [
    { name: "DATABASE_URL", connection: config.connection },
    { name: "DATABASE_DIRECT_URL", connection: config.directConnection },
    { name: "DATABASE_REPLICA_URL", connection: config.replicaConnection },
  ].flatMap(({ name, connection }): [boolean, Finding][] => [
    [
      connection !== null && isDatabaseOverheard(connection),
      {
        severity,
        name,
        text: "does not say sslmode=verify-full: the network can read password hashes",
      },
    ],
    [
      connection !== null && isNameUnchecked(connection),
      {
        severity: "warning",
        name,
        text: "says sslmode=verify-ca: any server with a certificate of DATABASE_CA can pretend to be the database",
      },
    ],
  ]);

/** In production a problem stops the start. */
const secretRules = (name: string, secrets: readonly string[]): [boolean, Finding][] =>
  (secrets.length === 0 ? [] : problemsOfSecrets(secrets)).map((text) => [
    true,
    { severity: "warning", name, text },
  ]);

/** More attempts at once, or more over time. */
const looserBudgets = (settings: RateLimitSettings): BudgetName[] =>
  (Object.keys(defaultRateLimits) as BudgetName[]).filter((name) => {
    const [{ points, per }, usual] = [settings[name], defaultRateLimits[name]];
    return points > usual.points || points / per > usual.points / usual.per;
  });
