// A token that was found where it does not belong: whoever found it can end it, and learns nothing by that.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { revokePresentedAccessToken } from "../access-tokens/ends.ts";
import type { ViewerLookup } from "../authentication/lookup.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { isAccessToken, isWellFormedToken } from "../secrets/secret.ts";
import { endSessionsOf } from "../sessions/ends.ts";
import type { Client } from "../viewer/client.ts";

export interface LeakEnvironment {
  readonly database: Database;
  readonly client: Client;
  readonly viewers: ViewerLookup;
}

/**
 * Ends an access token, or the whole session of a session token: its cookie may be where the token was. The owner is told,
 * in the same transaction. A token that is unknown, over or no token at all is passed over in silence.
 */
export const endLeakedToken = async (
  { database, client, viewers }: LeakEnvironment,
  token: string,
): Promise<void> => {
  if (!isWellFormedToken(token)) return;
  const owners = await database.transaction().execute(async (transaction) => {
    // Not the owner: whoever reports may be anybody.
    const origin = { actorId: null, client, details: { reason: "LEAKED" } };
    const of = isAccessToken(token)
      ? await revokePresentedAccessToken(transaction, token, origin)
      : await endSessionsOf(
          transaction,
          { cookieSecret: null, token },
          { ...origin, type: AuditEventType.SESSION_REVOKED },
        );
    for (const userId of of) await enqueueMail(transaction, { template: "token-leaked", userId });
    return of;
  });
  for (const userId of owners) viewers.forget(userId);
};
