// Takes the place of src/auth/passwords/hash-costs.ts where hashing is not under test: the same argon2 calls with less work.

export const hashCosts = { memoryCost: 64, timeCost: 1, parallelism: 1 } as const;
