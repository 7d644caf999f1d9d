// Every entity. Add yours to the list.
import { AuditAnchorSchema } from "./audit-anchor.ts";
import { AuditEvent } from "./audit-event.ts";
import { OneTimeToken } from "./one-time-token.ts";
import { Session } from "./session.ts";
import { User } from "./user.ts";

export const entities = [User, Session, OneTimeToken, AuditEvent, AuditAnchorSchema];
