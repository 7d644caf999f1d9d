// Removes every second factor of a user who has lost them.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { listAccessTokens } from "../access-tokens/rows.ts";
import { recordEvent } from "../audit/record.ts";
import { endCredentials } from "../endings.ts";
import { raiseFactorEpoch } from "../factors/epoch.ts";
import { removeAllFactors } from "../factors/removal.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import type { Act } from "./administer.ts";

/** The password alone opens the account then, so the owner gets a mail, and every session ends. */
export const resetSecondFactors: Act = async (transaction, { id: userId }, origin) => {
  await removeAllFactors(transaction, userId);
  await raiseFactorEpoch(transaction, userId);
  await endCredentials(transaction, "secondFactorsReset", { userId }, origin);
  await recordEvent(transaction, { ...origin, type: AuditEventType.SECOND_FACTORS_RESET, userId });
  const accessTokens = (await listAccessTokens(transaction, userId)).map(({ name }) => name);
  await enqueueMail(transaction, { template: "second-factors-reset", userId, accessTokens });
  return [];
};
