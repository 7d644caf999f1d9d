// Acting on somebody else's account: permission is decided with both accounts locked, so that it holds until the act is done.
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
 * An act on one account, in the transaction that has locked it. Returns the rules that it breaks, and then changes nothing; none when
 * it is done. Without an actor it is the command line, which may do everything.
 */
export type Act = (
  transaction: Database,
  account: ManagedUser,
  origin: Origin,
  actor: ManagedUser | null,
) => Promise<readonly BrokenRule[]>;

interface Administration {
  readonly viewer: Viewer;
  /** The account that the viewer acts on. */
  readonly id: string;
  readonly permission: Permission;
  /** An act that gives somebody an account or a role needs a login of the last ten minutes: a stolen session must not be enough. */
  readonly needsRecentLogin?: boolean;
}

/**
 * Throws NOT_FOUND for an account that is not there, FORBIDDEN for one that can do more than the viewer, and
 * REAUTHENTICATION_REQUIRED. Returns the rules that the act breaks; then nothing is done.
 */
export async function administer(
  { services, client }: Context,
  { viewer, id: asked, permission, needsRecentLogin = false }: Administration,
  act: Act,
): Promise<Result<null>> {
  const id = asked.toLowerCase();
  return changeUser(services, id, async (transaction) => {
    // An id is any text: PostgreSQL would fail on one that is no UUID.
    const locked = await lockUsers(transaction, isUuid(id) ? [id, viewer.userId] : [viewer.userId]);
    const actor = requireActor(locked, viewer, permission);
    const account = locked.find((it) => it.id === id);
    if (account === undefined) throw notFound();
    if (!services.authority.covers(actor, account)) throw forbidden();
    if (needsRecentLogin) await requireRecentLogin(transaction, viewer);
    const problems = await act(transaction, account, originOfAct(viewer, client), actor);
    return problems.length > 0 ? refused(...problems) : done(null);
  });
}

/** In the order of their ids: of two who act on each other, one waits, and neither for ever. */
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

/** The viewer in memory may be older than the row: whoever was demoted a moment ago acts no more. Throws FORBIDDEN. */
export const requireActor = (
  locked: readonly ManagedUser[],
  { userId }: Viewer,
  permission: Permission,
): ManagedUser => {
  const actor = locked.find(({ id }) => id === userId);
  if (actor === undefined || !actor.isActive || !hasPermission(actor, permission)) throw forbidden();
  return actor;
};

/** Without the session: the events of an account are shown to its owner, whom it does not concern. */
export const originOfAct = (viewer: Viewer, client: Client): Origin => ({
  ...originOf({ client }, viewer),
  sessionId: null,
});
