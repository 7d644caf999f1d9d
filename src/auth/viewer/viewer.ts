// The viewer: the caller of a request, as a person, a script or an impersonator.
import { sql } from "kysely";
import { forbidden } from "../../errors.ts";
import { permissionsOfUser } from "./permissions.ts";
import { hasSecondFactor } from "./second-factor.ts";

interface Caller {
  readonly userId: string;
  /** Whether the session has ever proven a second factor. True for an access token, and for an impersonator, who proved their own. */
  readonly hasProvenFactor: boolean;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly user: {
    readonly id: string;
    readonly username: string;
    readonly displayName: string | null;
    readonly locale: string | null;
    readonly email: string | null;
    readonly roles: readonly string[];
    readonly permissions: readonly string[];
    readonly createdAt: Date;
    readonly emailVerified: boolean;
    readonly hasSecondFactor: boolean;
  };
}

/** Logged in, with everything that the user may do. */
export interface PersonalViewer extends Caller {
  readonly sessionId: string;
  readonly accessToken: null;
  readonly impersonatorId: null;
}

/** Uses an access token. A separate type, so that it cannot be mistaken for a session. */
interface ScriptViewer extends Caller {
  readonly sessionId: null;
  readonly accessToken: { readonly id: string; readonly scopes: readonly string[] };
  readonly impersonatorId: null;
}

/** An impersonator acts as the user. A separate type, so that it cannot be mistaken for the user. */
interface ImpersonatedViewer extends Caller {
  readonly sessionId: string;
  readonly accessToken: null;
  readonly impersonatorId: string;
}

export type Viewer = PersonalViewer | ScriptViewer | ImpersonatedViewer;

/** Throws FORBIDDEN for a script or an impersonator. */
export const requirePersonal = (viewer: Viewer): PersonalViewer => {
  if (viewer.accessToken !== null || viewer.impersonatorId !== null) throw forbidden();
  return viewer;
};

/** Includes what the cache needs to expire it without a query. Milliseconds from the time of the query. */
export interface FoundViewer {
  readonly viewer: Viewer;
  /** How long a use prolongs it; infinite when only the absolute lifetime counts. */
  readonly idleLifetime: number;
  readonly idleLeft: number;
  readonly absoluteLeft: number;
  readonly touchIsDue: boolean;
}

/** The columns that `User` shows without another query. */
export const userColumns = [
  "users.id",
  "users.username",
  "users.display_name as displayName",
  "users.locale",
  "users.roles",
  permissionsOfUser.as("permissions"),
  "users.created_at as createdAt",
  // Includes an unverified email, free or taken: the difference must not be revealed.
  sql<string | null>`coalesce(users.email, users.pending_email)`.as("email"),
  sql<boolean>`(users.email_verified_at is not null)`.as("emailVerified"),
  hasSecondFactor.as("hasSecondFactor"),
] as const;
