// Security rules of secrets and one-time links: guessing, second use, and a copy of the database.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Secrets and one-time links";

export const rules: readonly Rule[] = [
  [
    "`SESSION_SECRET` can be rotated without logging anyone out: session cookies, links and device cookies of a listed secret stay valid, and new ones need only the first secret",
    "V13.3.4",
    "secret-rotation: session cookies of the old secret hold while it is listed, and not once it is gone",
    "secret-rotation: new session cookies are signed with the first secret, so that the others can go",
    "secret-rotation: device cookies of the old secret keep their budget while it is listed, and new ones are signed with the first",
    "one-time-tokens: a replaced session secret still makes the links it began, and an unknown one is told, not guessed",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/secrets/one-time-tokens.ts",
    "const secret = keys\n",
    "const secret = keys\n    .slice(0, 1)\n",
    "one-time-tokens: a replaced session secret still makes the links it began, and an unknown one is told, not guessed",
  ],
  [
    "src/auth/secrets/presented-credential.ts",
    "for (const sessionSecret of sessionSecrets) {",
    "for (const sessionSecret of sessionSecrets.slice(0, 1)) {",
    "secret-rotation: session cookies of the old secret hold while it is listed, and not once it is gone",
  ],
  [
    "src/auth/sessions/cookie.ts",
    "secret: [...options.secrets],",
    "secret: [...options.secrets].reverse(),",
    "secret-rotation: new session cookies are signed with the first secret, so that the others can go",
  ],
  [
    "src/auth/browsers/familiar-browser.ts",
    "return keys.some((key) =>",
    "return keys.slice(0, 1).some((key) =>",
    "secret-rotation: device cookies of the old secret keep their budget while it is listed, and new ones are signed with the first",
  ],
  [
    "src/auth/browsers/familiar-browser.ts",
    "const [signing] = keys;",
    "const signing = keys.at(-1);",
    "secret-rotation: device cookies of the old secret keep their budget while it is listed, and new ones are signed with the first",
  ],
  [
    "src/auth/factors/totp-rows.ts",
    "sealer.isCurrent(row.sealed) ? null : sealer.open(row.sealed, userId)",
    "null as Buffer | null",
    "secret-rotation: an authenticator app goes on while the old secret is listed, and without it once its next code was accepted",
  ],
];
