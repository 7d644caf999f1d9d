// Requests a password reset for another user: only that user gets the link.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { brokenRule } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { issueOneTimeToken, type OneTimeKeys } from "../secrets/one-time-tokens.ts";
import type { Act } from "./administer.ts";
import { isInvited, sendInvitation } from "./invitation.ts";

/** An invited user without a password gets the invitation again. */
export const sendPasswordReset =
  (oneTimeKeys: OneTimeKeys): Act =>
  async (transaction, account, origin) => {
    const { id: userId, email: sentTo } = account;
    if (!account.isActive) return [cannot("active", "The user is deactivated: no link was sent.")];
    if (sentTo === null) return [cannot("address", "The user has no email.")];
    const purpose = isInvited(account) ? "invitation" : "reset-password";
    if (purpose === "invitation") await sendInvitation(transaction, oneTimeKeys, userId, sentTo);
    else {
      const token = { purpose, userId, sentTo, replaces: true } as const;
      const oneTimeTokenId = await issueOneTimeToken(transaction, oneTimeKeys, token);
      await enqueueMail(transaction, { template: "reset-password", userId, oneTimeTokenId });
    }
    const event = { ...origin, type: AuditEventType.ONE_TIME_TOKEN_ISSUED, userId };
    await recordEvent(transaction, { ...event, details: { ...origin.details, purpose } });
    return [];
  };

const cannot = (rule: string, message: string) => brokenRule("id", rule, message);
