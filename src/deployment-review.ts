// What an operator would regret: settings that work and are not safe.
import type { Config } from "./config.ts";
import { leavesTheMachine } from "./hosts.ts";

export interface Finding {
  readonly severity: "error" | "warning";
  /** Of the setting to change. */
  readonly name: string;
  readonly text: string;
}

/** In production what lets secrets be read is an error; elsewhere it is a warning, because that is how people develop. */
export const reviewDeployment = (config: Config): Finding[] => {
  const severity = config.production ? "error" : "warning";
  const isHttps = config.publicUrl.protocol === "https:";
  const { smtp } = config.mail;
  const external = config.databaseUrl === null ? null : new URL(config.databaseUrl);

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
        severity: "warning",
        name: "TRUST_PROXY",
        text: "is 0 and PUBLIC_URL is https: behind a proxy every client would seem to have the proxy's address",
      },
    ],
    [
      config.production && external === null,
      {
        severity: "warning",
        name: "DATABASE_URL",
        text: "is not set: the built-in database has one machine and no backup",
      },
    ],
    [
      external !== null &&
        leavesTheMachine(external) &&
        !/^(?:require|verify-ca|verify-full)$/.test(external.searchParams.get("sslmode") ?? ""),
      { severity, name: "DATABASE_URL", text: "has no sslmode=verify-full: password hashes travel in clear" },
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
        severity: "warning",
        name: "SMTP_URL",
        text: "does not insist on TLS: links that open accounts may travel in clear",
      },
    ],
    [
      config.production &&
        isHttps &&
        Object.values(config.mail.links).some((link) => link.startsWith("http:")),
      {
        severity: "warning",
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
  ];
  return rules.filter(([applies]) => applies).map(([, finding]) => finding);
};
