// The rules for a secret in the settings. A problem is printed, so it never quotes the secret.
import { z } from "zod";
import { optionalSetting, type Setting } from "./setting.ts";

/** NIST SP 800-107: an HMAC key shorter than the hash's output weakens it. */
const shortestInBytes = 32;

/** 32 random bytes have more in any usual alphabet; `abababab...` is long, but easy to guess. */
const minDifferentCharacters = 8;

/** Texts from examples on the web: an attacker tries them first. */
const knownSamples =
  /change[-_ ]?me|keyboard cat|secret|graphward|example|password|qwerty|0123456789abcdef|(.)\1{15}/i;

/** Required and checked in production only. */
export const secretSetting = (
  variable: string,
  production: boolean,
  text: string,
): Setting<readonly string[]> =>
  optionalSetting<readonly string[], readonly string[]>(variable, {
    text,
    requiredWith: "DATABASE_URL",
    isSecret: true,
    schema: z.string().transform((text, context): readonly string[] => {
      const parts = text.split(",").map((part) => part.trim());
      const given = parts.filter((part) => part !== "");
      const problems = [...problemsOfList(parts, given), ...(production ? problemsOfSecrets(given) : [])];
      for (const problem of problems) context.addIssue(problem);
      return given;
    }),
    otherwise: [],
  });

const problemsOfList = (parts: readonly string[], given: readonly string[]): string[] => {
  // `NAME=,` looks set, but each server would generate its own secret.
  if (given.length === 0) return ["holds no secret"];
  // `NAME="new,$NAME"` where the shell has no $NAME: what the old secret signed and sealed would be lost.
  return given.length < parts.length
    ? [
        "has nothing before or behind a comma: write the old secret there, which may stand in .env, in a file or in DATA_DIR",
      ]
    : [];
};

export const problemsOfSecrets = (secrets: readonly string[]): string[] => [
  ...(secrets.some((secret) => Buffer.byteLength(secret) < shortestInBytes)
    ? [`each secret must have at least ${shortestInBytes} bytes (try: openssl rand -base64 48)`]
    : []),
  ...(secrets.some(isGuessable)
    ? ["looks like a sample; generate your own (try: openssl rand -base64 48)"]
    : []),
];

const isGuessable = (secret: string): boolean =>
  new Set(secret).size < minDifferentCharacters ||
  knownSamples.test(secret) ||
  isRepetition(secret) ||
  isMostlyRuns(secret);

const isRepetition = (secret: string): boolean =>
  Array.from({ length: Math.floor(secret.length / 2) }, (_, index) => index + 1).some((period) =>
    secret.startsWith(secret.slice(period)),
  );

/** True for `abcdefgh` and `87654321`. In a random hex secret, one step in six is part of a run. */
const isMostlyRuns = (secret: string): boolean => {
  const steps = Array.from(secret.slice(1), (character, index) =>
    Math.abs(character.charCodeAt(0) - secret.charCodeAt(index)),
  );
  return steps.filter((step) => step <= 1).length > (steps.length * 2) / 3;
};
