// Gives the user new recovery codes.
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { brokenRule, done, type Result, refused } from "../../../errors.ts";
import { originOf, recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { changeUser } from "../../endings.ts";
import { replaceRecoveryCodes } from "../../factors/recovery-codes.ts";
import { enqueueMail } from "../../outgoing-mail.ts";
import { findShownUser } from "../../users/shown-user.ts";
import { requirePersonal, type Viewer } from "../../viewer/viewer.ts";
import { requireOwnAccount } from "../own-account.ts";

/** Throws REAUTHENTICATION_REQUIRED. The earlier codes end. */
export async function regenerateRecoveryCodes(
  context: Context,
  { viewer: caller }: { readonly viewer: Viewer },
): Promise<Result<readonly string[]>> {
  const viewer = requirePersonal(caller);
  const { userId } = viewer;
  return changeUser(context.services, userId, async (transaction) => {
    await requireOwnAccount(transaction, context.services, viewer);
    const user = await findShownUser(transaction, userId);
    if (!user?.hasSecondFactor) return refused(noSecondFactor);
    const codes = await replaceRecoveryCodes(transaction, userId);
    const type = AuditEventType.RECOVERY_CODES_REPLACED;
    await recordEvent(transaction, { ...originOf(context, viewer), type, userId });
    await enqueueMail(transaction, { template: "recovery-codes-replaced", userId });
    return done(codes);
  });
}

const noSecondFactor = brokenRule(
  "recoveryCodes",
  "no_second_factor",
  "Recovery codes stand in for a second factor. Add one first.",
);
