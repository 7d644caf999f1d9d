// Who may act on which user: nobody acts on a user who holds more, and nobody grants what they do not hold.
import { type Holder, isAdministrator } from "./permissions.ts";

export interface Authority {
  /**
   * Whether the actor holds everything that the other user holds. Without this rule, an actor who may reset passwords or grant
   * roles could take over an administrator's account.
   */
  covers(actor: Holder, other: Holder): boolean;
  /** Roles that access rules name directly, so that their holders can do more than their permissions show. */
  readonly rolesInRules: readonly string[];
}

/** `rolesInRules`: the roles in the access rules of the served schema. */
export function createAuthority(rolesInRules: readonly string[]): Authority {
  return {
    rolesInRules,
    covers: (actor, other) =>
      isAdministrator(actor) ||
      (!isAdministrator(other) &&
        other.permissions.every((permission) => actor.permissions.includes(permission)) &&
        other.roles.every((role) => actor.roles.includes(role) || !rolesInRules.includes(role))),
  };
}
