// The first proof of a user's mailbox by a code: what was made before it may be a stranger's, and goes.
import { sql } from "kysely";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { invalidPendingLogin } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import { endChallenge } from "../challenges/rows.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { removePendingFactors } from "../factors/removal.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { lockUser } from "../users/locks.ts";

/**
 * A stranger can register with somebody's email, and wait for its owner to log in by mail: the stranger's password would then open
 * the owner's account. Ends the challenge. Throws INVALID_TOKEN when it was used meanwhile, or the email has changed.
 */
export function proveMailbox(
  { services, client }: Context,
  userId: string,
  challenge: { readonly id: string; readonly address: string },
): Promise<{ readonly userId: string; readonly generation: number }> {
  return changeUser(services, userId, async (transaction) => {
    const locked = await lockUser(transaction, userId);
    if (locked?.canonicalEmail !== challenge.address) throw invalidPendingLogin();
    // Two requests with the right code are one login.
    if (!(await endChallenge(transaction, challenge.id))) throw invalidPendingLogin();
    // Proven by a link at this moment, and with it the password.
    if (locked.emailVerifiedAt !== null) return { userId, generation: locked.generation };

    const { hadPassword } = await transaction
      .updateTable("users")
      .from("users as before")
      .set({ password_hash: null, email_verified_at: sql<Date>`now()` })
      .where("users.id", "=", userId)
      .whereRef("before.id", "=", "users.id")
      .returning(sql<boolean>`before.password_hash is not null`.as("hadPassword"))
      .executeTakeFirstOrThrow();
    await removePendingFactors(transaction, userId);
    const origin = { actorId: userId, client };
    await endCredentials(transaction, "mailboxProven", { userId }, origin);
    const type = AuditEventType.ACCOUNT_VERIFIED;
    const details = { reason: "EMAIL_CODE", passwordRemoved: hadPassword };
    await recordEvent(transaction, { ...origin, type, userId, details });
    if (hadPassword) await enqueueMail(transaction, { template: "password-removed", userId });
    return { userId, generation: locked.generation + 1 };
  });
}
