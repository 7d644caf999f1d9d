// Hashes and verifies passwords. The only file that knows argon2.
import argon2 from "argon2";
import { serviceUnavailable } from "../../errors.ts";
import { findCanonicalPassword, findPasswordProblem } from "../text/passwords.ts";
import { hashCosts } from "./hash-costs.ts";
import { withHashPermit } from "./hash-queue.ts";

const policy = { type: argon2.argon2id, ...hashCosts } as const;

/** A stored hash with higher costs is not ours, and computing it would be a denial of service. */
const ceiling = { memoryCost: 262_144, timeCost: 10, parallelism: 4 } as const;

/** The caller has validated the password: a broken rule here is a bug. */
export const hashPassword = async (typed: string): Promise<string> => {
  const problem = findPasswordProblem(typed);
  if (problem)
    throw new Error(
      `hashPassword() was given a password that findPasswordProblem() refuses: ${problem.rule}`,
    );
  const password = findCanonicalPassword(typed) ?? "";
  return withHashPermit(() => argon2.hash(password, policy).catch(refuseWithoutMemory));
};

/**
 * Takes the same time with and without a hash: without the dummy hash, a fast response would reveal that the user does not exist.
 * Only an impossible password is refused at once, for every user alike.
 */
export const verifyPassword = async (hash: string | null, typed: string): Promise<boolean> => {
  const password = findCanonicalPassword(typed);
  if (password === null) return false;
  const usable = hash !== null && isComputable(hash);
  const matches = await withHashPermit(() =>
    argon2.verify(usable ? hash : dummyHash, password).catch(refuseWithoutMemory),
  );
  return usable && matches;
};

/** ARGON2_MEMORY_ALLOCATION_ERROR: the machine has no 19 MiB left at the moment, and the client may come again. */
const refuseWithoutMemory = (error: unknown): never => {
  if (error instanceof Error && error.message === "Memory allocation error")
    throw serviceUnavailable({ pool: "password hashing", reason: "out of memory" });
  throw error;
};

/** True when the policy has become stronger since this hash was made. */
export const isWeakHash = (hash: string): boolean => {
  const costs = findCosts(hash);
  return costs === null || costs.memoryCost < policy.memoryCost || costs.timeCost < policy.timeCost;
};

const isComputable = (hash: string): boolean => {
  const costs = findCosts(hash);
  return (
    costs !== null &&
    costs.memoryCost <= ceiling.memoryCost &&
    costs.timeCost <= ceiling.timeCost &&
    costs.parallelism <= ceiling.parallelism
  );
};

/** Reads the PHC string format. Libraries order the costs differently. */
const findCosts = (hash: string) => {
  const written =
    /^\$argon2id\$v=19\$([mtp]=\d+(?:,[mtp]=\d+){2})\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$/.exec(
      hash,
    )?.[1];
  if (written === undefined) return null;
  const costs = new Map(written.split(",").map((cost) => [cost.charAt(0), Number(cost.slice(2))]));
  const [memoryCost, timeCost, parallelism] = [costs.get("m"), costs.get("t"), costs.get("p")];
  if (memoryCost === undefined || timeCost === undefined || parallelism === undefined) return null;
  return { memoryCost, timeCost, parallelism };
};

/** Made of random bytes that were not kept, with the costs of `policy`. */
const dummyHash = `$argon2id$v=19$m=${policy.memoryCost},p=${policy.parallelism},t=${policy.timeCost}$i9CDBc9z2/Ujoz5pF3W+FA$mezPLLQJ/2R+FGNu6fIyoAb8sOLXDFMcx526Qh7K4WI`;
