// Records a refused field as a security event, once per window. The request log has the rest and the repeats.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { Context } from "../context.ts";

const eventOf: Readonly<Record<string, AuditEventType>> = {
  FORBIDDEN: AuditEventType.ACCESS_REFUSED,
  INVALID_TOKEN: AuditEventType.ONE_TIME_TOKEN_REFUSED,
};

interface RefusedField {
  /** A code of the error table. */
  readonly code: string;
  /** The name in the schema, because the client chooses an alias. */
  readonly field: string | null;
  /** The user, if the request has already been authenticated: recording does not look the viewer up. */
  readonly userId: string | null;
  readonly actorId: string | null;
}

/** OWASP ASVS 5.0, 16.3.2 and 16.3.3. An anonymous ACCESS_REFUSED is routine, and not recorded. */
export const recordRefusedField = (
  { services, client }: Context,
  { code, field, userId, actorId }: RefusedField,
): void => {
  const type = eventOf[code];
  if (type === undefined || (type === AuditEventType.ACCESS_REFUSED && userId === null)) return;
  services.refusals.record({ type, userId, actorId, client, details: field === null ? {} : { field } });
};
