// Renames and removes passkeys.
import { brokenRule, done, notFound, type Result, refused } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { changeUser } from "../../endings.ts";
import { removeRecoveryCodes } from "../../factors/recovery-codes.ts";
import { requirePasskeys } from "../../passkeys/relying-party.ts";
import * as rows from "../../passkeys/rows.ts";
import { findCanonicalPasskeyName, findPasskeyNameProblem } from "../../text/passkey-names.ts";
import { findShownUser } from "../../users/shown-user.ts";
import { requirePersonal, type Viewer } from "../../viewer/viewer.ts";
import { recordFactorChange } from "../factors/changes.ts";
import { requireOwnAccount } from "../own-account.ts";
import { hasWayIn } from "../ways-in.ts";

/** Throws NOT_FOUND for a passkey that is not the viewer's. */
export async function renamePasskey(
  { services }: Context,
  {
    viewer: caller,
    id,
    name: given,
  }: { readonly viewer: Viewer; readonly id: string; readonly name: string },
) {
  requirePasskeys(services.relyingParty);
  const { userId } = requirePersonal(caller);
  const name = findCanonicalPasskeyName(given);
  if (name === null) return refused(findPasskeyNameProblem(given));
  if (!(await rows.renamePasskey(services.database, { id, userId, name }))) throw notFound();
  const [passkey] = await rows.listPasskeys(services.database, userId, [id]);
  if (passkey === undefined) throw notFound();
  return done(passkey);
}

/** What a browser's `PublicKeyCredential.signalUnknownCredential` and `signalAllAcceptedCredentials` take, in base64url. */
export interface RemovedPasskey {
  readonly passkeyId: string;
  readonly rpId: string;
  readonly credentialId: string;
  readonly userHandle: string;
  readonly acceptedCredentialIds: readonly string[];
}

/**
 * Throws REAUTHENTICATION_REQUIRED, and NOT_FOUND for a passkey that is not the viewer's. Without another factor, the recovery codes
 * end too.
 */
export async function removePasskey(
  context: Context,
  { viewer: caller, id: given }: { readonly viewer: Viewer; readonly id: string },
): Promise<Result<RemovedPasskey>> {
  const { services } = context;
  const { rpId } = requirePasskeys(services.relyingParty);
  const viewer = requirePersonal(caller);
  const { userId } = viewer;
  return changeUser(services, userId, async (transaction) => {
    await requireOwnAccount(transaction, services, viewer);
    const passkeys = await rows.listCredentials(transaction, userId);
    const removed = passkeys.find(({ id }) => id === given.toLowerCase());
    if (removed === undefined) throw notFound();
    const others = passkeys.filter((passkey) => passkey !== removed);
    await rows.deletePasskey(transaction, removed.id);
    if (!(await hasWayIn(transaction, services, userId))) return refused(lastWayIn);
    await recordFactorChange(transaction, context, { viewer, kind: "PASSKEY", change: "removed" });
    const user = await findShownUser(transaction, userId);
    if (!user?.hasSecondFactor) await removeRecoveryCodes(transaction, userId);
    return done({
      passkeyId: removed.id,
      rpId,
      credentialId: removed.credentialId.toString("base64url"),
      userHandle: removed.userHandle.toString("base64url"),
      acceptedCredentialIds: others.map(({ credentialId }) => credentialId.toString("base64url")),
    });
  });
}

const lastWayIn = brokenRule(
  "id",
  "last_way_in",
  "This passkey is the only way into your account. Add another passkey or a password first.",
);
