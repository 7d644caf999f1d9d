// The setting for mail about logins from new devices.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { eventColumns, selectEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import type { Viewer } from "../viewer/viewer.ts";

/**
 * Turning it off needs a recent login, or throws REAUTHENTICATION_REQUIRED: a thief with a stolen session must not turn the mail
 * off before using a stolen password, since the login they would need is one that the mail reports.
 */
export async function setNewDeviceMail(
  { services, client }: Context,
  { viewer, isEnabled }: { readonly viewer: Viewer; readonly isEnabled: boolean },
): Promise<void> {
  if (!isEnabled) await requireRecentLogin(services.database, services, viewer);
  const { userId, sessionId } = viewer;
  const event = {
    type: AuditEventType.NEW_DEVICE_MAIL_CHANGED,
    actorId: userId,
    sessionId,
    client,
    details: { enabled: isEnabled },
  };
  await services.database
    .with("changed", (query) =>
      query
        .updateTable("users")
        .set({ new_device_mail: isEnabled })
        .where("id", "=", userId)
        .where("new_device_mail", "<>", isEnabled)
        .returning("id"),
    )
    .insertInto("audit_events")
    .columns([...eventColumns])
    .expression((query) =>
      query.selectFrom("changed").select(({ ref }) => selectEvent(event, { userId: ref("changed.id") })),
    )
    .execute();
}
