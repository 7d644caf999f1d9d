// The costs of a password hash, from the OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.

export const hashCosts = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
