// Security rules of the configuration: no weak secrets and no unsafe settings in production.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Configuration";

export const rules: readonly Rule[] = [
  [
    "In production, the server refuses to start with a weak, known or missing secret",
    "V13.2.3, V11.2.3",
    "deployment: without a secret that every server of a database shares, and without a public address",
    "deployment: with a secret of less than 32 bytes, be it one of several",
    "deployment: with a secret that stands in examples, be it one of several",
    "deployment: with a secret of a few characters over and over, or in a row",
  ],
  [
    "`graphward check` reports unsafe settings, and fails on those that are errors in production",
    "V13.4.2, V13.4.5, V4.3.2",
    "deployment: a review of the settings",
    "deployment: warns, elsewhere than in production, of what would be an error or stop the start there",
  ],
  [
    "A URL of the database that cannot be read is refused, and no part of it is repeated",
    "V16.2.5",
    "database-url: a URL that cannot be read",
  ],
  [
    "`graphward check` counts the stored hashes that are weaker than today's settings; a login replaces them",
    "V11.4.2",
    "deployment: counts the stored hashes that are weaker than today's, which their owners' logins renew",
  ],
];

export const guards: readonly Guard[] = [
  ["src/config/smtp-url.ts", ".strictObject({", ".object({", "config: another option of SMTP_URL"],
  [
    "src/config/smtp-url.ts",
    "if (ignoreTLS === true && (isTlsFromStart || isTlsRequired)) {",
    "if (ignoreTLS === true && isTlsFromStart) {",
    "config: takes options of nodemailer, and greets with the host of PUBLIC_URL unless it is named",
  ],
  [
    "src/config/secrets.ts",
    '...(secrets.length === 0 ? ["holds no secret"] : []),',
    "",
    "deployment: without a secret that every server of a database shares, and without a public address",
  ],
  [
    "src/config/secrets.ts",
    'requiredWith: "DATABASE_URL",',
    "",
    "deployment: without a secret that every server of a database shares, and without a public address",
  ],
  [
    "src/config/secrets.ts",
    "Buffer.byteLength(secret) < shortestInBytes",
    "Buffer.byteLength(secret) < shortestInBytes - 1",
    "deployment: with a secret of less than 32 bytes, be it one of several",
  ],
  [
    "src/config/secrets.ts",
    "secrets.some((secret) => Buffer",
    "secrets.slice(0, 1).some((secret) => Buffer",
    "deployment: with a secret of less than 32 bytes, be it one of several",
  ],
  [
    "src/config/secrets.ts",
    "  isRepetition(secret) ||\n",
    "",
    "deployment: with a secret of a few characters over and over, or in a row",
  ],
  [
    "src/config/secrets.ts",
    "(steps.length * 2) / 3",
    "steps.length",
    "deployment: with a secret of a few characters over and over, or in a row",
  ],
  [
    "src/config/review.ts",
    "silentLevels.includes(config.logLevel)",
    "false",
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    "config.auditRetention < days(30)",
    "false",
    "deployment: a review of the settings",
  ],
  [
    "src/config/secrets.ts",
    "|(.)\\1{15}/i",
    "/i",
    "deployment: with a secret that stands in examples, be it one of several",
  ],
  [
    "src/config/secrets.ts",
    "|secret|graphward|example",
    "|graphward|example",
    "deployment: with a secret that stands in examples, be it one of several",
  ],
  [
    "src/config/secrets.ts",
    "const minDifferentCharacters = 8;",
    "const minDifferentCharacters = 7;",
    "deployment: with a secret of a few characters over and over, or in a row",
  ],
  [
    "src/config/review.ts",
    "[!isHttps, { severity,",
    '[!isHttps, { severity: "warning",',
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    "isHttps && config.trustProxy === 0",
    "!isHttps && config.trustProxy === 0",
    "deployment: a review of the settings",
  ],
  [
    "src/config/database/transport.ts",
    'ssl === false || sslMode === "no-verify" || sslMode === "prefer"',
    'ssl === false || sslMode === "prefer"',
    "deployment: a review of the settings",
  ],
  [
    "src/config/database/transport.ts",
    ' || sslMode === "prefer"',
    "",
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    '    { name: "DATABASE_DIRECT_URL", connection: config.directConnection },\n',
    "",
    "deployment: a review of the settings",
  ],
  [
    "src/config/database/url.ts",
    "if (/[@/]/.test(name)) throw new UrlProblem(malformed);",
    "",
    "database-url: a URL that cannot be read",
  ],
  [
    "src/config/database/url.ts",
    "throw new UrlProblem(`has an unknown parameter;",
    "throw new UrlProblem(`has an unknown parameter ${name};",
    "database-url: a URL that cannot be read",
  ],
  [
    "src/config/database/url.ts",
    'if (decoded.includes("\\0")) throw new UrlProblem(malformed);',
    "",
    "database-url: the URL of a database",
  ],
  [
    "src/config/database/connection.ts",
    'sslMode === "verify-ca" && isChecked && (url.ca ?? ca) === null,',
    "false,",
    "database-url: the URL of a database",
  ],
  [
    "src/config/database/connection.ts",
    'url.channelBinding === "require" && !isChecked,',
    "false,",
    "database-url: the URL of a database",
  ],
  [
    "src/config/network/proxy-range.ts",
    "return !isPrivate && prefix < maxPublicPrefix[base.kind()];",
    "return !isPrivate && prefix < 1;",
    "deployment: the start is refused with proxies of a range that clients may be in, however it is written",
  ],
  [
    "src/config/network/proxy-range.ts",
    "prefix >= length && holds(base.toString(), 0)",
    "holds(base.toString(), 0)",
    "deployment: the start is refused with proxies of a range that clients may be in, however it is written",
  ],
  [
    "src/config/network/proxy-range.ts",
    "byte ^ (0x80 >> (bit & 7))",
    "byte ^ (0x01 << (bit & 7))",
    "deployment: the start takes proxies of private ranges, and of what networks in front of servers publish",
  ],
  [
    "src/config/network/network.ts",
    "if (/^\\d$/.test(text)) return Number(text);",
    "if (/^\\d+$/.test(text)) return Number(text);",
    "deployment: the start is refused with proxies of a range that clients may be in, however it is written",
  ],
  [
    "src/config/review.ts",
    "config.trustProxy > maxProxies",
    "config.trustProxy > 9",
    "deployment: a review of the settings",
  ],
  ["src/config/review.ts", "!config.checksCertificates,", "false,", "deployment: a review of the settings"],
  [
    "src/config/review.ts",
    'config.registration === "open" && !config.requireVerifiedEmail',
    "!config.requireVerifiedEmail && false",
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    "config.production && smtp === null",
    "false",
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    'config.breachedPasswordsUrl?.protocol === "http:"',
    'config.breachedPasswordsUrl?.protocol === "ftp:"',
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    "config.auditKeys.some((key) => config.sessionSecrets.includes(key))",
    "false",
    "deployment: a review of the settings",
  ],
  ["src/config/review.ts", "points > usual.points || ", "", "deployment: a review of the settings"],
  [
    "src/config/review.ts",
    " || points / per > usual.points / usual.per",
    "",
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    'name.endsWith(".ip") ? "warning" : severity',
    '"warning"',
    "deployment: a review of the settings",
  ],
  [
    "src/config/review.ts",
    "problemsOfSecrets(secrets)).map((text)",
    "[]).map((text)",
    "deployment: warns, elsewhere than in production, of what would be an error or stop the start there",
  ],
  [
    "src/auth/passwords/hash.ts",
    "costs.timeCost < policy.timeCost",
    "costs.timeCost > policy.timeCost",
    "deployment: counts the stored hashes that are weaker than today's, which their owners' logins renew",
  ],
  [
    "src/config/passkeys.ts",
    "passkeyRpId !== null && isOpenToAnybody(rpId)",
    "passkeyRpId !== null && isOpenToAnybody === undefined",
    "passkeys: have a line for each wrong setting",
  ],
  [
    "src/config/passkeys.ts",
    "hostname.endsWith(`.${rpId}`)",
    "hostname.endsWith(rpId)",
    "passkeys: have a line for each wrong setting",
  ],
];
