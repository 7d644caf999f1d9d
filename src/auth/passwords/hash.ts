// Hashes of passwords. The only file that knows argon2.
import argon2 from "argon2";
import { findCanonicalPassword, findPasswordProblem } from "../text/passwords.ts";
import { hashCosts } from "./hash-costs.ts";
import { withHashPermit } from "./hash-queue.ts";

const policy = { type: argon2.argon2id, ...hashCosts } as const;

/** A stored hash that asks for more than this was not made by us, and computing it would be the attack. */
const ceiling = { memoryCost: 262_144, timeCost: 10, parallelism: 4 } as const;

/** The caller has checked the rules: a broken one here is a mistake in our code. */
export const hashPassword = async (typed: string): Promise<string> => {
  const problem = findPasswordProblem(typed);
  if (problem)
    throw new Error(
      `hashPassword() was given a password that findPasswordProblem() refuses: ${problem.rule}`,
    );
  const password = findCanonicalPassword(typed) ?? "";
  return withHashPermit(() => argon2.hash(password, policy));
};

/**
 * Takes the same time whether there is a hash or not: without the dummy, a fast answer would tell that an account is not
 * there. Only a password that nobody can have is answered at once, whoever the account is.
 */
export const verifyPassword = async (hash: string | null, typed: string): Promise<boolean> => {
  const password = findCanonicalPassword(typed);
  if (password === null) return false;
  const usable = hash !== null && isComputable(hash);
  const matches = await withHashPermit(() => argon2.verify(usable ? hash : dummyHash, password));
  return usable && matches;
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

/** The PHC string format. Libraries differ in the order of the costs. */
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

/** Of random bytes that nobody kept, with the costs of `policy`. */
const dummyHash = `$argon2id$v=19$m=${policy.memoryCost},p=${policy.parallelism},t=${policy.timeCost}$i9CDBc9z2/Ujoz5pF3W+FA$mezPLLQJ/2R+FGNu6fIyoAb8sOLXDFMcx526Qh7K4WI`;
