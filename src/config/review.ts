// What an operator would regret: settings that work and are not safe.

import { days } from "../time.ts";
import type { Config } from "./config.ts";
import { isDatabaseOverheard } from "./database-transport.ts";
import { leavesTheMachine } from "./hosts.ts";
import { type BudgetName, defaultRateLimits, type RateLimitSettings } from "./rate-limits.ts";
import { problemsOfSecrets } from "./secrets.ts";

export interface Finding {
  readonly severity: "error" | "warning";
  /** Of the setting to change. */
  readonly name: string;
  readonly text: string;
}

/** A content network, a balancer and one of the cluster. */
const mostProxiesInARow = 3;

const silentLevels: readonly Config["logLevel"][] = ["error", "fatal", "silent"];

/**
 * In production what lets secrets be read or guessed, or strangers stop everybody's logins, is an error; elsewhere it is a
 * warning, because that is how people develop. What may be meant is a warning everywhere.
 */
export const reviewDeployment = (config: Config): Finding[] => {
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
        text: "is not production: the explorer and introspection are on unless switched off",
      },
    ],
    [!isHttps, { severity, name: "PUBLIC_URL", text: "is http: cookies and tokens travel in clear" }],
    [
      config.explorer,
      { severity, name: "EXPLORER", text: "is on: anybody can explore the API in a browser" },
    ],
    [
      config.introspection,
      { severity, name: "INTROSPECTION", text: "is on: anybody can read the whole schema" },
    ],
    [
      config.production && isHttps && config.trustProxy === 0,
      {
        // We speak http alone: whatever speaks https for us stands in between.
        severity,
        name: "TRUST_PROXY",
        text: "is 0 and PUBLIC_URL is https: every client seems to have the proxy's address, and one can spend all their limits",
      },
    ],
    [
      typeof config.trustProxy === "number" && config.trustProxy > mostProxiesInARow,
      {
        severity: "warning",
        name: "TRUST_PROXY",
        text: `is more than ${mostProxiesInARow}: with each that is too many a client chooses the address that limits and logs see`,
      },
    ],
    [
      config.production && isBuiltIn,
      {
        severity: "warning",
        name: "DATABASE_URL",
        text: "is not set: the built-in database has one machine and no backup",
      },
    ],
    [
      config.databaseUrl !== null && isDatabaseOverheard(config.databaseUrl),
      {
        severity,
        name: "DATABASE_URL",
        text: "does not ask for sslmode=verify-full: password hashes can be read on the way",
      },
    ],
    [
      !config.checksCertificates,
      {
        severity,
        name: "NODE_TLS_REJECT_UNAUTHORIZED",
        text: "is 0: whoever answers is taken for the database, and for the mail server",
      },
    ],
    [
      config.production && config.registration === "open" && !config.requireVerifiedEmail,
      {
        severity: "warning",
        name: "REGISTRATION",
        text: "is open, and REQUIRE_VERIFIED_EMAIL is off: whoever made up an address may use the account at once",
      },
    ],
    [
      config.production && smtp === null,
      {
        severity: "warning",
        name: "SMTP_URL",
        text: "is not set: mail is written to DATA_DIR/outbox, and nobody gets it",
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
        text: "does not insist on TLS: links that open accounts may travel in clear",
      },
    ],
    [
      config.production && isHttps && Object.values(config.mail.links).some((link) => /^http:/i.test(link)),
      {
        severity,
        name: "VERIFY_URL, RESET_URL, EMAIL_CHANGE_URL",
        text: "hold an http link: whoever is on its network can act on it first",
      },
    ],
    [
      [...config.allowedOrigins].some((origin) => origin.startsWith("http:") && isHttps),
      {
        severity,
        name: "ALLOWED_ORIGINS",
        text: "holds an http origin: whoever is on its network can act as its users",
      },
    ],
    [
      config.breachedPasswordsUrl?.protocol === "http:" && leavesTheMachine(config.breachedPasswordsUrl),
      {
        severity,
        name: "BREACHED_PASSWORDS_URL",
        text: "is http: whoever is on its network learns part of each new password's digest, and can call any password safe",
      },
    ],
    [
      config.production && isBuiltIn && config.auditKeys.length === 0,
      {
        severity: "warning",
        name: "AUDIT_KEY",
        text: "is not set: it is kept beside the database, and whoever can change the audit trail can seal it anew",
      },
    ],
    [
      config.auditKeys.some((key) => config.sessionSecrets.includes(key)),
      { severity, name: "AUDIT_KEY", text: "is a SESSION_SECRET too: whoever learns one has both" },
    ],
    [
      config.production && silentLevels.includes(config.logLevel),
      {
        severity: "warning",
        name: "LOG_LEVEL",
        text: `is ${config.logLevel}: neither requests nor what goes wrong with mail and limits are in the log`,
      },
    ],
    [
      config.production && config.auditRetention < days(30),
      {
        severity: "warning",
        name: "AUDIT_RETENTION",
        text: "is less than 30 days: a theft that is noticed late has left no trace",
      },
    ],
    ...secretRules("SESSION_SECRET", config.sessionSecrets),
    ...secretRules("AUDIT_KEY", config.auditKeys),
    ...looserBudgets(config.rateLimits).map((name): [boolean, Finding] => [
      true,
      {
        // Many people may share an address; nobody needs many tries at one account.
        severity: name.endsWith(".address") ? "warning" : severity,
        name: "RATE_LIMITS",
        text: `lets ${name} have more than the default: so has whoever guesses`,
      },
    ]),
  ];
  return rules.filter(([applies]) => applies).map(([, finding]) => finding);
};

/** In production they stop the start. */
const secretRules = (name: string, secrets: readonly string[]): [boolean, Finding][] =>
  (secrets.length === 0 ? [] : problemsOfSecrets(secrets)).map((text) => [
    true,
    { severity: "warning", name, text },
  ]);

/** More at once, or more in the long run. */
const looserBudgets = (settings: RateLimitSettings): BudgetName[] =>
  (Object.keys(defaultRateLimits) as BudgetName[]).filter((name) => {
    const [{ points, per }, usual] = [settings[name], defaultRateLimits[name]];
    return points > usual.points || points / per > usual.points / usual.per;
  });
