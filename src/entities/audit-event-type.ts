// The closed list of security events. A new one is added here, and nowhere else.
import { registerEnumType } from "type-graphql";

export enum AuditEventType {
  LOGIN_SUCCEEDED = "LOGIN_SUCCEEDED",
  LOGIN_FAILED = "LOGIN_FAILED",
  REAUTHENTICATED = "REAUTHENTICATED",
  LOGOUT = "LOGOUT",
  SESSION_REVOKED = "SESSION_REVOKED",
  PASSWORD_CHANGED = "PASSWORD_CHANGED",
  PASSWORD_RESET = "PASSWORD_RESET",
  USERNAME_CHANGED = "USERNAME_CHANGED",
  EMAIL_CHANGED = "EMAIL_CHANGED",
  NEW_DEVICE_MAIL_CHANGED = "NEW_DEVICE_MAIL_CHANGED",
  ROLES_CHANGED = "ROLES_CHANGED",
  ACCOUNT_CREATED = "ACCOUNT_CREATED",
  ACCOUNT_REGISTERED = "ACCOUNT_REGISTERED",
  ACCOUNT_VERIFIED = "ACCOUNT_VERIFIED",
  ACCOUNT_DEACTIVATED = "ACCOUNT_DEACTIVATED",
  ACCOUNT_REACTIVATED = "ACCOUNT_REACTIVATED",
  ACCOUNT_DELETED = "ACCOUNT_DELETED",
  PERSON_FORGOTTEN = "PERSON_FORGOTTEN",
  DATA_EXPORTED = "DATA_EXPORTED",
  ACCESS_TOKEN_CREATED = "ACCESS_TOKEN_CREATED",
  ACCESS_TOKEN_REVOKED = "ACCESS_TOKEN_REVOKED",
  ONE_TIME_TOKEN_ISSUED = "ONE_TIME_TOKEN_ISSUED",
  ONE_TIME_TOKEN_REFUSED = "ONE_TIME_TOKEN_REFUSED",
  IMPERSONATION_STARTED = "IMPERSONATION_STARTED",
  IMPERSONATION_STOPPED = "IMPERSONATION_STOPPED",
  LIMIT_REACHED = "LIMIT_REACHED",
  ACCESS_REFUSED = "ACCESS_REFUSED",
  UNKNOWN = "UNKNOWN",
}

registerEnumType(AuditEventType, {
  name: "AuditEventType",
  description: "What happened.",
  valuesConfig: {
    LOGIN_FAILED: {
      description:
        "A password was wrong, at a login or wherever else one is asked for. At most once an account, network and quarter of an hour.",
    },
    SESSION_REVOKED: { description: "A session was ended by something else than its own logout." },
    ACCOUNT_CREATED: { description: "Somebody else made the account." },
    ACCOUNT_REGISTERED: { description: "A person made the account for themselves." },
    NEW_DEVICE_MAIL_CHANGED: { description: "Whether the owner is told of logins from new devices." },
    PERSON_FORGOTTEN: { description: "Addresses, devices and names were deleted from the account's events." },
    LIMIT_REACHED: { description: "At most once an account, network and quarter of an hour." },
    ACCESS_REFUSED: {
      description:
        "A field was asked for, or an account acted on, without the right to. At most once an account, network and quarter of an hour.",
    },
    ONE_TIME_TOKEN_REFUSED: {
      description:
        "A link was used that is over, or never was one. At most once an account, network and quarter of an hour.",
    },
    UNKNOWN: { description: "Written by a newer server, which knows more kinds than this one." },
  },
});
