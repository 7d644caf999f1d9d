// What a secret in the settings must be like. Never quotes one: the problem is printed.

/** NIST SP 800-107: an HMAC key shorter than the hash's output weakens it. */
const shortestInBytes = 32;

/** Random ones of 32 bytes have more in any alphabet that people use; `abababab...` is long, and soon guessed. */
const fewestDifferentCharacters = 8;

/** Texts that stand in examples all over the web: an attacker tries them first. */
const knownSamples =
  /change[-_ ]?me|keyboard cat|secret|graphward|example|password|qwerty|0123456789abcdef|(.)\1{15}/i;

export const problemsOfSecrets = (secrets: readonly string[]): string[] => [
  // `NAME=,` looks as if it were set, and each server would make a secret of its own.
  ...(secrets.length === 0 ? ["holds no secret"] : []),
  ...(secrets.some((secret) => Buffer.byteLength(secret) < shortestInBytes)
    ? [`each secret must have at least ${shortestInBytes} bytes (try: openssl rand -base64 48)`]
    : []),
  ...(secrets.some(isGuessable)
    ? ["looks like a sample; generate your own (try: openssl rand -base64 48)"]
    : []),
];

const isGuessable = (secret: string): boolean =>
  new Set(secret).size < fewestDifferentCharacters ||
  knownSamples.test(secret) ||
  isRepetition(secret) ||
  isMostlyRuns(secret);

const isRepetition = (secret: string): boolean =>
  Array.from({ length: Math.floor(secret.length / 2) }, (_, index) => index + 1).some((period) =>
    secret.startsWith(secret.slice(period)),
  );

/** As `abcdefgh` and `87654321` are; of a random secret in hex a sixth is. */
const isMostlyRuns = (secret: string): boolean => {
  const steps = Array.from(secret.slice(1), (character, index) =>
    Math.abs(character.charCodeAt(0) - secret.charCodeAt(index)),
  );
  return steps.filter((step) => step <= 1).length > (steps.length * 2) / 3;
};
