// The account that a first start in development makes, so that there is somebody to log in as.
import type { Database } from "../../database/tables.ts";
import { neverBreached } from "../passwords/breached.ts";
import { randomSecret } from "../secrets/secret.ts";
import { hasUsers } from "../users/find.ts";
import { noClient } from "../viewer/client.ts";
import { administratorRole } from "../viewer/permissions.ts";
import { createUser } from "./operator.ts";

export interface FirstAccount {
  readonly username: string;
  /** Printed once; only its hash is kept. */
  readonly password: string;
}

/** About 119 bits. */
const passwordLength = 20;

/** Null when there are accounts already. The caller sees to it that this is no production. */
export const createFirstAccount = async (database: Database): Promise<FirstAccount | null> => {
  if (await hasUsers(database)) return null;
  const account = { username: "admin", password: randomSecret().slice(-passwordLength) };
  const { ok } = await createUser(
    database,
    { ...account, email: null, roles: [administratorRole] },
    { actorId: null, client: noClient, details: { via: "first start" } },
    // Random: there is nothing to compare it with.
    { isBreached: neverBreached, serviceWords: [] },
  );
  // Two servers at their first start: the other one has made it, and printed the password that counts.
  return ok ? account : null;
};
