// Which of a user's proofs are offered, and the options for the user's passkeys.
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import type { Database } from "../../database/tables.ts";
import { requestOptions } from "./options.ts";
import type { RelyingParty } from "./relying-party.ts";
import { listCredentials } from "./rows.ts";

/** With PASSKEYS=off a passkey goes on counting as a second factor, so that the switch opens no account with a password alone. */
export const offeredMethods = <Method extends string>(
  relyingParty: RelyingParty | null,
  methods: readonly Method[],
): readonly Method[] => methods.filter((method) => relyingParty !== null || method !== "PASSKEY");

/** The list names the user's passkeys: only for somebody who has given a first proof. Null when there is none to offer. */
export async function offerPasskeys(
  { database, relyingParty }: { readonly database: Database; readonly relyingParty: RelyingParty | null },
  userId: string,
  { methods, challenge }: { readonly methods: readonly string[]; readonly challenge: Buffer },
): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  if (relyingParty === null || !methods.includes("PASSKEY")) return null;
  return requestOptions(relyingParty, { challenge, allowed: await listCredentials(database, userId) });
}
