// Adds and removes a TOTP factor. The server makes the secret; it counts once the user's app has shown a right code.
import { done, invalidCredentials, type Result, refused } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { changeUser } from "../../endings.ts";
import { removeRecoveryCodes, replaceRecoveryCodes } from "../../factors/recovery-codes.ts";
import { describeTotp, randomTotpSecret } from "../../factors/totp.ts";
import * as rows from "../../factors/totp-rows.ts";
import { findShownUser } from "../../users/shown-user.ts";
import { requirePersonal, type Viewer } from "../../viewer/viewer.ts";
import { requireOwnAccount } from "../own-account.ts";
import { markSecondFactorProven, recordFactorChange, requireEnrollableAccount } from "./changes.ts";

interface Asking {
  readonly viewer: Viewer;
}

/** Throws REAUTHENTICATION_REQUIRED. Shown only once; a new start replaces it. */
export async function startTotp(
  { services }: Context,
  { viewer: caller }: Asking,
): Promise<Result<ReturnType<typeof describeTotp>>> {
  const viewer = requirePersonal(caller);
  const { userId, user } = viewer;
  const secret = randomTotpSecret();
  return changeUser(services, userId, async (transaction) => {
    const problem = await requireEnrollableAccount(transaction, services, viewer);
    if (problem !== null) return refused(problem);
    await rows.startTotp(transaction, { userId, secret }, services.sealer);
    return done(describeTotp(secret, { issuer: services.serviceName, username: user.username }));
  });
}

/** Returns the new recovery codes. Throws REAUTHENTICATION_REQUIRED, INVALID_CREDENTIALS and RATE_LIMITED. */
export async function confirmTotp(
  context: Context,
  { viewer: caller, code }: Asking & { readonly code: string },
): Promise<Result<readonly string[]>> {
  const { services, client } = context;
  const viewer = requirePersonal(caller);
  const { userId } = viewer;
  const confirm = () =>
    changeUser(services, userId, async (transaction): Promise<Result<readonly string[]> | null> => {
      const problem = await requireEnrollableAccount(transaction, services, viewer);
      if (problem !== null) return refused(problem);
      if (!(await rows.confirmTotp(transaction, { userId, code }, services.sealer))) return null;
      await recordFactorChange(transaction, context, { viewer, kind: "TOTP", change: "added" });
      await markSecondFactorProven(transaction, viewer);
      return done(await replaceRecoveryCodes(transaction, userId));
    });
  const confirmed = await services.factorAttempts.check({ userId, by: "session", client }, confirm);
  if (confirmed === null) throw invalidCredentials();
  return confirmed;
}

/** Throws REAUTHENTICATION_REQUIRED. Succeeds when there is none. Without another factor, the recovery codes end too. */
export async function removeTotp(context: Context, { viewer: caller }: Asking): Promise<void> {
  const viewer = requirePersonal(caller);
  const { userId } = viewer;
  await changeUser(context.services, userId, async (transaction) => {
    await requireOwnAccount(transaction, context.services, viewer);
    if (!(await rows.removeTotp(transaction, userId))) return;
    await recordFactorChange(transaction, context, { viewer, kind: "TOTP", change: "removed" });
    const user = await findShownUser(transaction, userId);
    if (!user?.hasSecondFactor) await removeRecoveryCodes(transaction, userId);
  });
}
