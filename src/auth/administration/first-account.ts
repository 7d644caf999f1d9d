// Creates a first user when development starts with an empty database.
import type { Database } from "../../database/tables.ts";
import type { AccountHooks } from "../account-hooks.ts";
import { neverBreached } from "../passwords/breached.ts";
import { randomSecret } from "../secrets/secret.ts";
import { hasUsers } from "../users/find.ts";
import { noClient } from "../viewer/client.ts";
import { administratorRole } from "../viewer/permissions.ts";
import { createUser } from "./operator.ts";

export interface FirstAccount {
  readonly username: string;
  /** Printed once; only its hash is stored. */
  readonly password: string;
}

/** About 119 bits. */
const passwordLength = 20;

/** Returns null when there are users already. The caller makes sure that this is not production. */
export const createFirstAccount = async (
  database: Database,
  afterRegister: AccountHooks["afterRegister"],
): Promise<FirstAccount | null> => {
  if (await hasUsers(database)) return null;
  const account = { username: "admin", password: randomSecret().slice(-passwordLength) };
  const { ok } = await createUser(
    database,
    { ...account, email: null, roles: [administratorRole] },
    { actorId: null, client: noClient, details: { via: "first start" } },
    // A random password needs no breach check.
    { isBreached: neverBreached, serviceWords: [], minLength: passwordLength },
    afterRegister,
  );
  // Another server at its first start may have created the user, and printed the password that counts.
  return ok ? account : null;
};
