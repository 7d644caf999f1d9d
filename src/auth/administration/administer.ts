// Acting on somebody else's account: who may is decided with both accounts locked, so that it holds until the act is done.
import { sql } from "kysely";
import { validate as isUuid } from "uuid";
import type { Database } from "../../database/tables.ts";
import { type BrokenRule, badUserInput, forbidden, notFound } from "../../errors.ts";
import { type Origin, originOf } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { coversAuthority } from "../viewer/authority.ts";
import type { Client } from "../viewer/client.ts";
import { hasPermission, type Permission, permissionsOfUser } from "../viewer/permissions.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Whoever acts, and the schema's roles that open something by name. */
export interface Administrator {
  readonly viewer: Viewer;
  readonly rolesAskedFor: readonly string[];
}

export type ManagedAccount = Awaited<ReturnType<typeof lockAccounts>>[number];

/** The rules that stand in the way; none when it is done. Without an actor it is the command line, which may do everything. */
export type Act = (
  transaction: Database,
  account: ManagedAccount,
  origin: Origin,
  actor: ManagedAccount | null,
) => Promise<readonly BrokenRule[]>;

export type AdministrationContext = Pick<Context, "database" | "viewers" | "client" | "accounts">;

interface Asked {
  readonly id: string;
  readonly permission: Permission;
  /** What gives somebody an account or a role needs a login of the last ten minutes: a stolen session must not be enough. */
  readonly needsRecentLogin?: boolean;
}

/**
 * Throws NOT_FOUND for an account that is not there, FORBIDDEN for one that can do more than the viewer, BAD_USER_INPUT for
 * what the act refuses, and REAUTHENTICATION_REQUIRED.
 */
export const administer = async (
  { database, viewers, client }: AdministrationContext,
  { viewer, rolesAskedFor }: Administrator,
  { id: asked, permission, needsRecentLogin = false }: Asked,
  act: Act,
): Promise<void> => {
  const id = asked.toLowerCase();
  await database.transaction().execute(async (transaction) => {
    // An id is any text: PostgreSQL would fail on one that is no UUID.
    const locked = await lockAccounts(transaction, isUuid(id) ? [id, viewer.userId] : [viewer.userId]);
    const actor = requireActor(locked, viewer, permission);
    const account = locked.find((it) => it.id === id);
    if (account === undefined) throw notFound();
    if (!coversAuthority(actor, account, rolesAskedFor)) throw forbidden();
    if (needsRecentLogin) await requireRecentLogin(transaction, viewer);
    const problems = await act(transaction, account, originOfAct(viewer, client), actor);
    if (problems.length > 0) throw badUserInput(problems);
  });
  viewers.forget(id);
};

/** In the order of their ids: of two who act on each other, one waits, and neither for ever. */
export const lockAccounts = (transaction: Database, ids: readonly string[]) =>
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
  locked: readonly ManagedAccount[],
  { userId }: Viewer,
  permission: Permission,
): ManagedAccount => {
  const actor = locked.find(({ id }) => id === userId);
  if (actor === undefined || !actor.isActive || !hasPermission(actor, permission)) throw forbidden();
  return actor;
};

/** Without the session: the events of an account are shown to its owner, whom it does not concern. */
export const originOfAct = (viewer: Viewer, client: Client): Origin => ({
  ...originOf({ client }, viewer),
  sessionId: null,
});
