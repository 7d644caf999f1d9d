// Which refusals of a field are security events. The log of requests has the others, and the repeats.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { Context } from "../context.ts";

const eventOf: Readonly<Record<string, AuditEventType>> = {
  FORBIDDEN: AuditEventType.ACCESS_REFUSED,
  INVALID_TOKEN: AuditEventType.ONE_TIME_TOKEN_REFUSED,
};

interface RefusedField {
  /** Of the error table. */
  readonly code: string;
  /** As the schema names it: an alias would be a text of the client's. */
  readonly field: string | null;
  /** Whom the request was known to be by then: a refusal looks nobody up. */
  readonly userId: string | null;
  readonly actorId: string | null;
}

/** OWASP ASVS 5.0, 16.3.2 and 16.3.3. Who is not logged in has been refused nothing that they knew to be there. */
export const recordRefusedField = (
  { services, client }: Context,
  { code, field, userId, actorId }: RefusedField,
): void => {
  const type = eventOf[code];
  if (type === undefined || (type === AuditEventType.ACCESS_REFUSED && userId === null)) return;
  services.refusals.record({ type, userId, actorId, client, details: field === null ? {} : { field } });
};
