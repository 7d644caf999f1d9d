// Who is calling, and as what: a person, a script, or somebody who acts as another user.
import { sql } from "kysely";
import { forbidden } from "../../errors.ts";
import { permissionsOfUser } from "./permissions.ts";

interface Caller {
  readonly userId: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly user: {
    readonly id: string;
    readonly username: string;
    readonly email: string | null;
    readonly roles: readonly string[];
    readonly permissions: readonly string[];
    readonly createdAt: Date;
    readonly emailVerified: boolean;
  };
}

/** Has logged in, and may do all that the user may. */
export interface PersonalViewer extends Caller {
  readonly sessionId: string;
  readonly accessToken: null;
  readonly impersonatorId: null;
}

/** Came with an access token, which is no session: nothing that asks for one can take it for one. */
interface ScriptViewer extends Caller {
  readonly sessionId: null;
  readonly accessToken: { readonly id: string; readonly scopes: readonly string[] };
  readonly impersonatorId: null;
}

/** Somebody else acts as the user: nothing that asks for the person can take them for one. */
interface ImpersonatedViewer extends Caller {
  readonly sessionId: string;
  readonly accessToken: null;
  readonly impersonatorId: string;
}

export type Viewer = PersonalViewer | ScriptViewer | ImpersonatedViewer;

/** Throws FORBIDDEN for a script, and for whoever acts as somebody else. */
export const requirePersonal = (viewer: Viewer): PersonalViewer => {
  if (viewer.accessToken !== null || viewer.impersonatorId !== null) throw forbidden();
  return viewer;
};

/** With what is needed to count its life down without asking again. Times in milliseconds from the answer. */
export interface FoundViewer {
  readonly viewer: Viewer;
  /** How long a use prolongs it; infinite where only the absolute end counts. */
  readonly idleLifetime: number;
  readonly idleLeft: number;
  readonly absoluteLeft: number;
  readonly touchIsDue: boolean;
}

/** The columns that `User` shows of itself at once. */
export const userColumns = [
  "users.id",
  "users.username",
  "users.roles",
  permissionsOfUser.as("permissions"),
  "users.created_at as createdAt",
  // Also one that is still to be proven, free or not: what is shown must not tell.
  sql<string | null>`coalesce(users.email, users.pending_email)`.as("email"),
  sql<boolean>`(users.email_verified_at is not null)`.as("emailVerified"),
] as const;
