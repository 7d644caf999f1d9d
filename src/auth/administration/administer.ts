// Runs an act on another user: the permission is checked with both rows locked, so that it holds until the act is done.
import { sql } from "kysely";
import { validate as isUuid } from "uuid";
import type { Database } from "../../database/tables.ts";
import { type BrokenRule, done, forbidden, notFound, type Result, refused } from "../../errors.ts";
import { type Origin, originOf } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser } from "../endings.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import type { Client } from "../viewer/client.ts";
import { hasPermission, type Permission, permissionsOfUser } from "../viewer/permissions.ts";
import type { Viewer } from "../viewer/viewer.ts";

export type ManagedUser = Awaited<ReturnType<typeof lockUsers>>[number];

/**
 * An act on one user, in the transaction that has locked the row. Returns the broken rules and changes nothing, or returns none
 * when it is done. Without an actor it is the command line, which may do everything.
 */
export type Act = (
  transaction: Database,
  account: ManagedUser,
  origin: Origin,
  actor: ManagedUser | null,
) => Promise<readonly BrokenRule[]>;

interface Administration {
  readonly viewer: Viewer;
  /** The user that the viewer acts on. */
  readonly id: string;
  readonly permission: Permission;
  /** Acts that give somebody access or a role need a login within the last ten minutes: a stolen session must not be enough. */
  readonly needsRecentLogin?: boolean;
}

/**
 * Throws NOT_FOUND when there is no such user, FORBIDDEN when the user holds more than the viewer, and REAUTHENTICATION_REQUIRED.
 * Returns the broken rules; then nothing is done.
 */
export async function administer(
  { services, client }: Context,
  { viewer, id: asked, permission, needsRecentLogin = false }: Administration,
  act: Act,
): Promise<Result<null>> {
  const id = asked.toLowerCase();
  return changeUser(services, id, async (transaction) => {
    // Checked first: PostgreSQL fails on text that is not a UUID.
    const locked = await lockUsers(transaction, isUuid(id) ? [id, viewer.userId] : [viewer.userId]);
    const actor = requireActor(locked, viewer, permission);
    const account = locked.find((it) => it.id === id);
    if (account === undefined) throw notFound();
    if (!services.authority.covers(actor, account)) throw forbidden();
    if (needsRecentLogin) await requireRecentLogin(transaction, services, viewer);
    const problems = await act(transaction, account, originOfAct(viewer, client), actor);
    return problems.length > 0 ? refused(...problems) : done(null);
  });
}

/** Locks in the order of the ids, so that two users who act on each other do not deadlock. */
export const lockUsers = (transaction: Database, ids: readonly string[]) =>
  transaction
    .selectFrom("users")
    .select([
      "id",
      "username",
      "email",
      "canonical_username as canonicalUsername",
      "canonical_email as canonicalEmail",
      "is_active as isActive",
      sql<boolean>`email_verified_at is not null`.as("isVerified"),
      sql<boolean>`password_hash is not null`.as("hasPassword"),
      "roles",
      permissionsOfUser.as("permissions"),
    ])
    .where("id", "=", sql<string>`any(${[...ids]}::uuid[])`)
    .orderBy("id")
    .forUpdate()
    .execute();

/** The cached viewer may be older than the row: an actor who was just demoted must be refused. Throws FORBIDDEN. */
export const requireActor = (
  locked: readonly ManagedUser[],
  { userId }: Viewer,
  permission: Permission,
): ManagedUser => {
  const actor = locked.find(({ id }) => id === userId);
  if (actor === undefined || !actor.isActive || !hasPermission(actor, permission)) throw forbidden();
  return actor;
};

/** Leaves out the actor's session, because the user reads these events and must not see it. */
export const originOfAct = (viewer: Viewer, client: Client): Origin => ({
  ...originOf({ client }, viewer),
  sessionId: null,
});
