// Judges a passkey that a client presents: whose it is, what it has signed, and its counter.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { recordEvent } from "../audit/record.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { inTransaction } from "../transaction.ts";
import type { Client } from "../viewer/client.ts";
import type { RelyingParty } from "./relying-party.ts";
import { type Assertion, findAssertion } from "./responses.ts";
import { findCredential, recordUse, recordUseInSpiteOfCounter, type Use } from "./rows.ts";
import { verifyAssertion } from "./verification.ts";

export interface PresentedPasskey {
  readonly response: unknown;
  /** The stored digest of what it was to sign. */
  readonly challenge: Buffer;
  /** Whose it must be. Null: it says itself whose it is. */
  readonly userId: string | null;
}

export interface PasskeyOwner {
  readonly userId: string;
  /** That of the credentials, when the passkey was read. */
  readonly generation: number;
}

export interface Judgement {
  /** Null for a passkey that nobody has, or not this user. */
  readonly owner: PasskeyOwner | null;
  readonly isRight: boolean;
}

/** Does the same work for a passkey that nobody has. */
export async function judgePasskey(
  {
    database,
    relyingParty,
    client,
  }: { readonly database: Database; readonly relyingParty: RelyingParty; readonly client: Client },
  { response, challenge, userId }: PresentedPasskey,
): Promise<Judgement> {
  const assertion = findAssertion(response);
  if (assertion === null) return { owner: null, isRight: false };
  const credentialId = Buffer.from(assertion.id, "base64url");
  const credential = await findCredential(database, { credentialId, userId });
  const publicKey = credential?.publicKey ?? nobodysKey;
  const verified = await verifyAssertion(relyingParty, { response: assertion, challenge, publicKey });
  if (credential === undefined) return { owner: null, isRight: false };
  const owner = { userId: credential.userId, generation: credential.generation };
  if (
    verified === null ||
    !isOfHandle(assertion, credential.userHandle, { isNamed: userId !== null }) ||
    // WebAuthn section 7.2: it never changes. A copy of a key could otherwise claim to be synced, and so need no counter.
    verified.backupEligible !== credential.backupEligible
  )
    return { owner, isRight: false };
  const use = { id: credential.id, ...verified };
  const isRight = (await recordUse(database, use)) || (await judgeFall(database, owner, use, client));
  return { owner, isRight };
}

/** WebAuthn section 7.2, step 6: without a name, the passkey must say whose it is. */
const isOfHandle = (
  { response: { userHandle } }: Assertion,
  stored: Buffer,
  { isNamed }: { readonly isNamed: boolean },
): boolean => (userHandle === null ? isNamed : Buffer.from(userHandle, "base64url").equals(stored));

/** The owner hears of it either way: somebody may have copied the key. Returns whether the passkey is accepted. */
const judgeFall = (
  database: Database,
  { userId }: PasskeyOwner,
  use: Use,
  client: Client,
): Promise<boolean> =>
  inTransaction(database, async (transaction) => {
    const judged = await recordUseInSpiteOfCounter(transaction, use);
    if (judged === null) return false;
    const { name, isAccepted } = judged;
    const type = AuditEventType.PASSKEY_COUNTER_FELL;
    const details = { passkeyId: use.id, isAccepted };
    await recordEvent(transaction, { type, userId, actorId: null, client, details });
    await enqueueMail(transaction, { template: "passkey-counter-fell", userId, name, isAccepted });
    return isAccepted;
  });

/** A key of P-256 in COSE form, whose private half was thrown away. */
const nobodysKey = Buffer.from(
  "pQECAyYgASFYIOdAhqs_ptzTIiuFAScjIxot2Lfzgf9-5_q8DOayssA9IlggxyLbqqDei2IaiDnHtEdgE63c6jFM06rMLUSZME5tsWg",
  "base64url",
);
