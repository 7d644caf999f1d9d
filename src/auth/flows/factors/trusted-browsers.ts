// Ends the trust in one browser of the user, or in all.
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { notFound } from "../../../errors.ts";
import { originOf, recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { endTrustedBrowser, endTrustedBrowsersOf } from "../../factors/trusted-browsers.ts";
import { inTransaction } from "../../transaction.ts";
import { requirePersonal, type Viewer } from "../../viewer/viewer.ts";

const type = AuditEventType.TRUSTED_BROWSER_REVOKED;

/** Returns the id as stored. Throws NOT_FOUND for a browser that is not the viewer's, existing or not. */
export async function revokeTrustedBrowser(
  context: Context,
  { viewer: caller, id: given }: { readonly viewer: Viewer; readonly id: string },
): Promise<string> {
  const viewer = requirePersonal(caller);
  const { userId } = viewer;
  const id = given.toLowerCase();
  await inTransaction(context.services.database, async (transaction) => {
    if (!(await endTrustedBrowser(transaction, { id, userId }))) throw notFound();
    await recordEvent(transaction, { ...originOf(context, viewer), type, userId });
  });
  return id;
}

/** Returns how many. */
export async function revokeTrustedBrowsers(
  context: Context,
  { viewer: caller }: { readonly viewer: Viewer },
): Promise<number> {
  const viewer = requirePersonal(caller);
  const { userId } = viewer;
  const { services, exchange } = context;
  const count = await inTransaction(services.database, async (transaction) => {
    const ended = await endTrustedBrowsersOf(transaction, userId);
    const event = { ...originOf(context, viewer), type, userId, details: { count: ended } };
    if (ended > 0) await recordEvent(transaction, event);
    return ended;
  });
  services.trustedBrowserCookie.clear(exchange);
  return count;
}
