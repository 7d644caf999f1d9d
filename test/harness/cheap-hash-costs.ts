// Stands in for src/auth/passwords/hash-costs.ts where hashing is not what is tested: the same calls of argon2 with less work.

export const hashCosts = { memoryCost: 64, timeCost: 1, parallelism: 1 } as const;
