// Users of tests, made like those of `graphward user create`.
import { randomBytes } from "node:crypto";
import { createUser } from "../auth/administration/operator.ts";
import { fromCommandLine } from "../auth/audit/record.ts";
import { neverBreached } from "../auth/passwords/breached.ts";
import type { Database } from "../database/tables.ts";

export interface NewUser {
  readonly username: string;
  /** Counts as verified. */
  readonly email: string | null;
  readonly password: string;
  readonly roles: readonly string[];
}

export interface TestUser extends NewUser {
  readonly id: string;
}

/** Tests of passwords set them through the API, with the real policy. */
const anyPolicy = { isBreached: neverBreached, serviceWords: [], minLength: 8 };

/** What is left out is made up. */
export const completeUser = (given: Partial<NewUser>): NewUser => ({
  username: `user-${randomBytes(6).toString("hex")}`,
  email: null,
  password: "correct horse battery staple",
  roles: [],
  ...given,
});

export async function createTestUser(database: Database, user: NewUser): Promise<TestUser> {
  const made = await createUser(database, user, fromCommandLine, anyPolicy);
  if (!made.ok) throw new Error(`The test's user breaks a rule: ${JSON.stringify(made.problems)}`);
  return { ...user, id: made.value };
}
