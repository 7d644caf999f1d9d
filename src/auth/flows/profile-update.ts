// Changes the display name and the locale of the viewer, or of the user of an administrator.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { done, type Result } from "../../errors.ts";
import { type Origin, originOf, recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser } from "../endings.ts";
import { type Profile, readProfile } from "../text/profiles.ts";
import { requireShownUser, type ShownUser } from "../users/shown-user.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Returns the updated user. Neither value decides anything, so that no recent login is needed. */
export async function updateProfile(
  { services, client }: Context,
  { viewer, ...typed }: Profile & { readonly viewer: Viewer },
): Promise<Result<ShownUser>> {
  const profile = readProfile(typed);
  if (!profile.ok) return profile;
  const { userId, accessToken } = viewer;
  const details = accessToken === null ? {} : { accessTokenId: accessToken.id };
  const origin = { ...originOf({ client }, viewer), details };
  return changeUser(services, userId, async (transaction) => {
    await changeProfile(transaction, { userId, profile: profile.value }, origin);
    return done(await requireShownUser(transaction, userId));
  });
}

/** `profile`: in the stored form. The event has no values: they are no secret, but an old name would outlive its removal. */
export async function changeProfile(
  transaction: Database,
  { userId, profile }: { readonly userId: string; readonly profile: Profile },
  origin: Origin,
): Promise<void> {
  const present = await transaction
    .selectFrom("users")
    .select(["display_name as displayName", "locale"])
    .where("id", "=", userId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (present === undefined) return;
  const { displayName = present.displayName, locale = present.locale } = profile;
  const fields = [
    ...(displayName === present.displayName ? [] : ["displayName"]),
    ...(locale === present.locale ? [] : ["locale"]),
  ];
  if (fields.length === 0) return;
  await transaction
    .updateTable("users")
    .set({ display_name: displayName, locale })
    .where("id", "=", userId)
    .execute();
  const event = { ...origin, type: AuditEventType.PROFILE_CHANGED, userId };
  await recordEvent(transaction, { ...event, details: { ...origin.details, fields } });
}
