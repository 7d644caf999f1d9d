// What a secret in the settings must be like. Never quotes one: the problem is printed.

/** NIST SP 800-107: an HMAC key shorter than the hash's output weakens it. */
const shortestInBytes = 32;

/** Random ones of 32 bytes have more in any alphabet that people use; `abababab...` is long, and soon guessed. */
const fewestDifferentCharacters = 8;

/** Texts that stand in examples all over the web: an attacker tries them first. */
const knownSamples =
  /change[-_ ]?me|keyboard cat|your[-_ ]?secret|example|password|0123456789abcdef|(.)\1{15}/i;

export const problemsOfSecrets = (secrets: readonly string[]): string[] => [
  // `NAME=,` looks as if it were set, and each server would make a secret of its own.
  ...(secrets.length === 0 ? ["holds no secret"] : []),
  ...(secrets.some((secret) => Buffer.byteLength(secret) < shortestInBytes)
    ? [`each secret must have at least ${shortestInBytes} bytes (try: openssl rand -base64 48)`]
    : []),
  ...(secrets.some((secret) => new Set(secret).size < fewestDifferentCharacters || knownSamples.test(secret))
    ? ["looks like a sample; generate your own (try: openssl rand -base64 48)"]
    : []),
];
