// What a secret in the settings must be like. Never quotes one: the problem is printed.

/** NIST SP 800-107: an HMAC key shorter than the hash's output weakens it. */
const shortestInBytes = 32;

/** Texts that stand in examples all over the web: an attacker tries them first. */
const knownSamples =
  /change[-_ ]?me|keyboard cat|your[-_ ]?secret|example|password|0123456789abcdef|(.)\1{15}/i;

export const problemsOfSecrets = (secrets: readonly string[]): string[] => [
  ...(secrets.some((secret) => Buffer.byteLength(secret) < shortestInBytes)
    ? [`each secret must have at least ${shortestInBytes} bytes (try: openssl rand -base64 48)`]
    : []),
  ...(secrets.some((secret) => knownSamples.test(secret))
    ? ["looks like a sample; generate your own (try: openssl rand -base64 48)"]
    : []),
];
