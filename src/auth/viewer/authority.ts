// Who may act on whose account: nobody on one that can do more than they, and nobody gives what they do not hold.
import { type Holder, isAdministrator } from "./permissions.ts";

/**
 * Whether everything that the other holds is held by the actor. Without it, whoever may reset passwords or give roles
 * takes over an administrator's account and is one. `rolesAskedFor`: roles that open something by name, whose holders can
 * do more than their permissions tell.
 */
export const coversAuthority = (actor: Holder, other: Holder, rolesAskedFor: readonly string[]): boolean =>
  isAdministrator(actor) ||
  (!isAdministrator(other) &&
    other.permissions.every((permission) => actor.permissions.includes(permission)) &&
    other.roles.every((role) => actor.roles.includes(role) || !rolesAskedFor.includes(role)));
