// The rules for a secret in the settings. A problem is printed, so it never quotes the secret.
import { z } from "zod";
import { commaSeparated, optionalSetting, type Setting } from "./setting.ts";

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
    schema: z
      .string()
      .transform(commaSeparated)
      .superRefine((given, context) => {
        for (const problem of production ? problemsOfSecrets(given) : []) context.addIssue(problem);
      }),
    otherwise: [],
  });

export const problemsOfSecrets = (secrets: readonly string[]): string[] => [
  // `NAME=,` looks set, but each server would generate its own secret.
  ...(secrets.length === 0 ? ["holds no secret"] : []),
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
