// Security rules of administration: escalation of privileges, and the limits of impersonation.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Administration and impersonation";

export const rules: readonly Rule[] = [
  [
    "An actor cannot act on a user who has authority that the actor does not have",
    "V8.2.1, V8.2.2",
    "authority: whoever holds every permission of users acts on",
    "roles: authority",
  ],
  [
    "Authority is checked while the rows of both users are locked, so it still holds when the act is done",
    "V8.3.2, V15.4.2",
    "authority: whoever was demoted acts no more, also while a server still has them in memory",
    "authority: whoever is promoted at this moment is out of reach",
  ],
  [
    "An actor cannot grant a role or a permission that the actor does not have",
    "V8.2.1",
    "authority: nobody gives what they do not hold",
  ],
  [
    "During impersonation, the actor reaches only the fields on the allow-list",
    "V8.2.1, V8.3.3",
    "impersonation: while acting as another user",
    "auth/access/rules: a field that says nothing is refused, whatever the user may do",
    "auth/access/rules: an open field that says nothing sees nobody, and so does all below it",
  ],
  [
    "Impersonation requires the permission and authority over the user, and a session has one impersonation at a time",
    "V8.2.1, V15.4.2",
    "impersonation: impersonate",
    "impersonation: ends what the same session has begun before; of two at the same moment one is left",
  ],
  [
    "Impersonation lasts an hour at most, and ends when the actor's session or authority ends, at the next request on every server",
    "V7.3.2, V7.4.1, V8.3.2",
    "impersonation: is for an hour, which no use prolongs, and never for longer than the actor's session",
    "impersonation: an impersonation ends",
  ],
  [
    "A reset of second factors needs its own permission, authority over the user and a recent login; it ends the user's sessions, trusted browsers and pending logins, is recorded, and mails the owner",
    "V6.4.4, V8.2.1, V7.4.1",
    "second-factors-reset: resetSecondFactors",
  ],
  [
    "A login with a provider is removed from another user's account with a permission of its own, authority over the user and a recent login; it ends the user's sessions and logins on their way, is recorded, and mails the owner. No access token and no impersonator sees or removes one",
    "V8.2.1, V7.4.1",
    "identity-removal: unlinkIdentityOf",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/viewer/authority.ts",
    "(!isAdministrator(other) &&",
    "(",
    "authority: whoever holds every permission of users acts on",
  ],
  [
    "src/auth/administration/administer.ts",
    "if (!services.authority.covers(actor, account)) throw forbidden();",
    "",
    "authority: whoever holds every permission of users acts on",
  ],
  [
    "src/auth/administration/administer.ts",
    "!actor.isActive || !hasPermission(actor, permission)",
    "!actor.isActive || permission === undefined",
    "authority: whoever was demoted acts no more, also while a server still has them in memory",
  ],
  [
    "src/auth/administration/administer.ts",
    "    .forUpdate()\n",
    "",
    "authority: whoever is promoted at this moment is out of reach",
  ],
  [
    "src/auth/administration/role-assignment.ts",
    "if (actor !== null && !authority.covers(actor, { roles, permissions })) throw forbidden();",
    "",
    "authority: nobody gives what they do not hold",
  ],
  [
    "src/auth/administration/role-assignment.ts",
    "authority.covers(actor, { roles, permissions })",
    "authority.covers(actor, { roles, permissions: [] })",
    "authority: nobody gives what they do not hold",
  ],
  [
    "src/auth/access/token-reach.ts",
    "isImpersonable: impersonable.has(coordinate),",
    'isImpersonable: impersonable.has(coordinate) || coordinate === "Mutation.changeUsername",',
    "impersonation: while acting as another user",
  ],
  [
    "src/auth/administration/impersonation.ts",
    "const maxLifetime = hours(1);",
    "const maxLifetime = hours(1.02);",
    "impersonation: is for an hour, which no use prolongs, and never for longer than the actor's session",
  ],
  [
    "src/auth/administration/impersonation.ts",
    "least(${fromNow(maxLifetime)}, absolute_expires_at)",
    "${fromNow(maxLifetime)}",
    "impersonation: is for an hour, which no use prolongs, and never for longer than the actor's session",
  ],
  ["src/auth/administration/impersonation.ts", "!isActive || ", "", "impersonation: impersonate"],
  [
    "src/auth/administration/impersonation.ts",
    "user.id === actor.userId || ",
    "",
    "impersonation: impersonate",
  ],
  ["src/auth/administration/impersonation.ts", " || !isAllowed", "", "impersonation: impersonate"],
  ["src/auth/administration/impersonation.ts", "    .forShare()\n", "", "impersonation: impersonate"],
  [
    "src/auth/administration/impersonation.ts",
    "await endImpersonationsOf(transaction, actor.sessionId, { actorId: actor.userId, client });",
    "",
    "impersonation: ends what the same session has begun before; of two at the same moment one is left",
  ],
  [
    "src/auth/authentication/impersonator.ts",
    "mayActAs(authority, actor, other) ? actor.id : null",
    "true ? actor.id : null",
    "impersonation: an impersonation ends",
  ],
  [
    "src/auth/authentication/impersonator.ts",
    " && authority.covers(actor, other)",
    "",
    "impersonation: an impersonation ends",
  ],
  [
    "src/auth/authentication/lookup.ts",
    "key !== null && found.viewer.impersonatorId === null",
    "key !== null",
    "impersonation: an impersonation ends",
  ],
  [
    "src/auth/viewer/authority.ts",
    "other.permissions.every(",
    "other.permissions.length === 0 || other.permissions.some(",
    "roles: authority",
  ],
  [
    "src/auth/viewer/authority.ts",
    "actor.roles.includes(role) || !rolesInRules.includes(role)",
    "actor.roles.includes(role) || rolesInRules.includes(role) || true",
    "roles: authority",
  ],
  [
    "src/resolvers/administration/administration.ts",
    "const asked = { viewer, id, permission, needsRecentLogin: true } as const;\n    unwrap(await administer(context, asked, resetSecondFactors));",
    "const asked = { viewer, id, permission } as const;\n    unwrap(await administer(context, asked, resetSecondFactors));",
    "second-factors-reset: resetSecondFactors",
  ],
  [
    "src/auth/administration/second-factors-reset.ts",
    'await endCredentials(transaction, "secondFactorsReset", { userId }, origin);',
    "",
    "second-factors-reset: resetSecondFactors",
  ],
  [
    "src/auth/administration/second-factors-reset.ts",
    'await enqueueMail(transaction, { template: "second-factors-reset", userId, accessTokens });',
    "",
    "second-factors-reset: resetSecondFactors",
  ],
  [
    "src/auth/endings.ts",
    '    // The thief may have asked for a change of the email.\n    links: "all",',
    '    links: "none",',
    "identity-removal: unlinkIdentityOf",
  ],
  [
    "src/auth/administration/identity-removal.ts",
    "const asked = { viewer, id: userId, permission, needsRecentLogin: true } as const;",
    "const asked = { viewer, id: userId, permission } as const;",
    "identity-removal: unlinkIdentityOf",
  ],
  [
    "src/auth/administration/identity-removal.ts",
    'await endCredentials(transaction, "identityRemoved", { userId }, origin);',
    "",
    "identity-removal: unlinkIdentityOf",
  ],
  [
    "src/auth/administration/identity-removal.ts",
    "if (actor?.id === userId && !(await hasWayIn(transaction, ways, userId))) return [lastWayIn];",
    "",
    "identity-removal: unlinkIdentityOf",
  ],
  [
    "src/auth/administration/identity-removal.ts",
    'await enqueueMail(transaction, { template: "identity-removed", userId, provider: name, accessTokens });',
    "",
    "identity-removal: unlinkIdentityOf",
  ],
];
