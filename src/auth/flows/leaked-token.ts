// Revokes a leaked token for its finder, who learns nothing from the response.
import { transact } from "../../database/transaction.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { revokePresentedAccessToken } from "../access-tokens/ends.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { isAccessToken, isWellFormedToken } from "../secrets/secret.ts";
import { endSessionsOf } from "../sessions/ends.ts";

/**
 * Ends an access token, or the whole session of a session token: its cookie may have leaked with it. The user gets a mail, in the
 * same transaction. Ignores a token that is unknown, ended or malformed.
 */
export async function endLeakedToken(
  { services, client }: Context,
  { token }: { readonly token: string },
): Promise<void> {
  if (!isWellFormedToken(token)) return;
  const owners = await transact(services.database, async (transaction) => {
    // No actor: the reporter can be anybody.
    const origin = { actorId: null, client, details: { reason: "LEAKED" } };
    const userIds = isAccessToken(token)
      ? await revokePresentedAccessToken(transaction, token, origin)
      : await endSessionsOf(
          transaction,
          { cookieSecret: null, token },
          { ...origin, type: AuditEventType.SESSION_REVOKED },
        );
    for (const userId of userIds) await enqueueMail(transaction, { template: "token-leaked", userId });
    return userIds;
  });
  services.viewers.forget(...owners);
}
