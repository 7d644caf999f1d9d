// Removes a login with a provider from another user's account, such as one that was stolen at the provider.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { done, notFound, type Result } from "../../errors.ts";
import { listAccessTokens } from "../access-tokens/rows.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { endCredentials } from "../endings.ts";
import { hasWayIn, lastWayIn, type WaysIn } from "../flows/ways-in.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { deleteIdentity } from "../providers/identities.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { type Act, administer } from "./administer.ts";

/** Throws what `administer` throws. Returns the id as stored, and whether the user can still log in. */
export async function unlinkIdentityOf(
  context: Context,
  { viewer, userId, id: given }: { readonly viewer: Viewer; readonly userId: string; readonly id: string },
): Promise<Result<{ readonly identityId: string; readonly hasWayIn: boolean }>> {
  const { services } = context;
  const identityId = given.toLowerCase();
  const permission = "users:unlink-identities";
  const asked = { viewer, id: userId, permission, needsRecentLogin: true } as const;
  const removed = await administer(context, asked, removeIdentity(identityId, services));
  if (!removed.ok) return removed;
  return done({ identityId, hasWayIn: await hasWayIn(services.database, services, userId) });
}

/**
 * Every session of the user ends. The last way in may go too, which the actor is told: a thief must be shut out, and the owner comes
 * back by a reset of the password. An actor does not shut themselves out. Throws NOT_FOUND.
 */
export const removeIdentity =
  (id: string, ways: WaysIn): Act =>
  async (transaction, { id: userId }, origin, actor) => {
    const deleted = await deleteIdentity(transaction, { id, userId });
    if (deleted === null) throw notFound();
    const { provider } = deleted;
    if (actor?.id === userId && !(await hasWayIn(transaction, ways, userId))) return [lastWayIn];
    await endCredentials(transaction, "identityRemoved", { userId }, origin);
    const details = { ...origin.details, provider };
    await recordEvent(transaction, { ...origin, type: AuditEventType.IDENTITY_UNLINKED, userId, details });
    const accessTokens = (await listAccessTokens(transaction, userId)).map(({ name }) => name);
    const settings = ways.providers.list.map((it) => it.settings).find((it) => it.id === provider);
    const name = settings?.name ?? provider;
    await enqueueMail(transaction, { template: "identity-removed", userId, provider: name, accessTokens });
    return [];
  };
