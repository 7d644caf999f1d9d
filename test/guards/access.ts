// What keeps a root field private, and everybody within what they hold.
import type { Guard } from "../house/guard.ts";

const rules = { file: "src/auth/access/rules.ts", test: "auth/access/rules" };
const guard = { file: "src/auth/access/guard.ts", test: "auth/access/rules" };
const checker = { file: "src/auth/access/auth-checker.ts", test: "auth/access/rules" };
const marks = { file: "src/auth/access/marks.ts", test: "auth/access/rules" };
const silent = "that says nothing is private: queries, mutations, and subscriptions before any event";
const alone = "enforces the rules of fields, resolvers, types and the types they extend";

const onTheSchema: readonly Guard[] = [
  {
    ...rules,
    code: "return isRoot && !open.has(coordinate) && rules.length === 0 ? [[]] : rules;",
    broken:
      'return isRoot && type.name === "Query" && !open.has(coordinate) && rules.length === 0 ? [[]] : rules;',
    title: silent,
  },
  {
    ...guard,
    code: "if (field.subscribe) field.subscribe = wrap(field.subscribe);",
    broken: "",
    title: silent,
  },
  {
    ...rules,
    code: "[allowed.get(type.name), allowed.get(coordinate)]",
    broken: "[allowed.get(coordinate) ?? allowed.get(type.name)]",
    title: alone,
  },
  {
    ...rules,
    code: "(it) => it === type || isSubclass(type.target, it.target),",
    broken: "(it) => it === type && (isSubclass(type.target, it.target) || true),",
    title: alone,
  },
  {
    ...rules,
    code: "ofField ?? storage.authorizedResolver.find((ofClass) => ofClass.target === target)",
    broken: "ofField",
    title: alone,
  },
  {
    ...guard,
    code: "&& field.args.length === 0 && checks.length === 0) continue;",
    broken: "&& field.args.length === 0) continue;",
    title: "enforces the rule of a field that only reads a property",
  },
  {
    ...guard,
    code: "const checked = checks.length > 0 ? withChecks(ofStorableText, checks, checker) : ofStorableText;",
    broken: "const checked = isRoot ? withChecks(ofStorableText, checks, checker) : ofStorableText;",
    title: alone,
  },
  {
    ...guard,
    code: "if (!isRoot) return asAtTheRoot(checked);",
    broken: "if (!isRoot) return checked;",
    title: "whoever it is on an open field, it is below it too",
  },
  {
    ...checker,
    code: "if (!passes(viewer, allowed)) throw forbidden();",
    broken: "if (!passes(viewer, allowed)) throw unauthenticated();",
    title: "with a role is for those who have it; a permission is for administrators",
  },
  {
    ...checker,
    code: "allowed.some((name) => holds(viewer, name))",
    broken: "allowed.some((name) => holds(viewer, name) || isPermission(name))",
    title: "with a role is for those who have it; a permission is for administrators",
  },
  {
    ...rules,
    code: "if (Object.getPrototypeOf(resolver) !== Function.prototype)",
    broken: "if (Object.getPrototypeOf(resolver) === null)",
    title: "for a resolver that extends another class",
  },
  {
    ...rules,
    code: "(field.simple ?? ancestor.simpleResolvers)",
    broken: "field.simple",
    title: "for a rule on a type with a simple field, and for a rule on a field of a simple type",
  },
  {
    ...rules,
    code: "if ((rule || ofType) &&",
    broken: "if (ofType &&",
    title: "for a rule on a simple field, which type-graphql would let pass",
  },
  {
    ...rules,
    code: "if (allowed.has(coordinate))\n",
    broken: "if (unverified.has(coordinate) && allowed.has(coordinate))\n",
    title: "for a field that is both open and ruled",
  },
  {
    ...rules,
    code: "if (!isHandler && !isField && !isForeignResolver(target))",
    broken: "if (!isHandler && !isField && !isForeignResolver(target) && isObject(target))",
    title: "for a rule on a method that is no field",
  },
  {
    ...rules,
    code: "if (!resolvers.includes(target) && !isForeignResolver(target) && !isObject(target))",
    broken: "if (!resolvers.includes(target) && !isForeignResolver(target) && !isObject(target) && false)",
    title: "for a rule on an input",
  },
  {
    ...rules,
    code: "isObject(target) && storage.fields.some(",
    broken: "storage.fields.some(",
    title: "for a rule on an interface",
  },
  {
    ...marks,
    code: "if (!isRootType(schema, type)) throw onRootFieldsOnly(coordinate, decorator);",
    broken: "if (!isRootType(schema, type)) continue;",
    title: "for @Public() on a nested field, where it would open nothing",
  },
  {
    ...marks,
    code: 'if (!isRootType(schema, type)) throw onRootFieldsOnly(coordinate, "@Scope()");',
    broken: "",
    title: "the start is refused for a scope on a nested field, where it would narrow nothing",
  },
  {
    ...marks,
    code: "field.extensions.charged !== undefined && !isRootType(schema, type)",
    broken: 'field.extensions.charged === "by its own rules" && !isRootType(schema, type)',
    title: "the start is refused for a charge on a nested field, which nobody would pay",
  },
  {
    ...guard,
    code: 'if (typeof authChecker !== "function")',
    broken: 'if (typeof authChecker === "string")',
    title: "without an authChecker",
  },
];

const lock = { file: "src/auth/access/lock.ts", test: "auth/access/lock" };
const onDisk: readonly Guard[] = [
  {
    file: "src/cli/access.ts",
    code: "if (write) await requireCurrentBuild(",
    broken: "if (!write) await requireCurrentBuild(",
    test: "cli/stale-build",
    title: "access --write refuses a build that is older than the sources, and says how to build",
    isBuilt: true,
  },
  {
    file: "src/server.ts",
    code: "await requireAccessLock(guarded);",
    broken: "void requireAccessLock;",
    test: "auth/access/lock",
    title: "a server whose schema is not what access.lock says refuses to start",
  },
  {
    ...lock,
    code: "lines.push(isIndented ? `${owner} > ${line.trim()}` : line);",
    broken: "if (!isIndented) lines.push(line);",
    title:
      "a field that has become open, or reaches more than before, is refused with the difference and the command",
  },
  {
    ...lock,
    code: "if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) reached.add(possible);",
    broken: "",
    title: "every type that can be reached is listed, and every rule",
  },
  {
    ...lock,
    code: "[ruled, scoped, unverified, impersonable]",
    broken: "[ruled, scoped, unverified]",
    title: "every type that can be reached is listed, and every rule",
  },
  {
    file: "src/schema/access-lock-file.ts",
    code: 'error.code === "ENOENT") return "";',
    broken: 'error.code !== "ENOENT") return "";',
    test: "auth/access/lock",
    title: "an access.lock that cannot be read is an error of its own",
  },
];

const owner = {
  file: "src/auth/viewer/ownership.ts",
  test: "auth/viewer/ownership",
  title: "what belongs to somebody",
};
const authority = { file: "src/auth/viewer/authority.ts" };
const byPermission = "whoever holds every permission of users acts on";
const administration = {
  file: "src/auth/administration/administer.ts",
  test: "auth/administration/authority",
};
const roles = { file: "src/auth/administration/role-assignment.ts", test: "auth/administration/authority" };
const last = { file: "src/auth/users/last-administrator.ts", test: "auth/users/last-administrator" };

const betweenPeople: readonly Guard[] = [
  {
    ...owner,
    code: "if (ownerId === null || !maySee) throw notFound();",
    broken: "if (ownerId === null) throw notFound();\n  if (!maySee) throw forbidden();",
  },
  { ...owner, code: 'if (act === "change" && !mayChange) throw forbidden();', broken: "" },
  { ...owner, code: "const maySee = mayChange || holds(toSee);", broken: "const maySee = holds(toSee);" },
  {
    ...owner,
    code: "permission !== undefined && hasPermission(viewer, permission)",
    broken: 'hasPermission(viewer, permission ?? "notes:read")',
  },
  {
    ...authority,
    code: "(!isAdministrator(other) &&",
    broken: "(",
    test: "auth/administration/authority",
    title: byPermission,
  },
  {
    ...authority,
    code: "other.permissions.every(",
    broken: "other.permissions.length === 0 || other.permissions.some(",
    test: "auth/administration/roles",
    title: "authority",
  },
  {
    ...authority,
    code: "actor.roles.includes(role) || !rolesInRules.includes(role)",
    broken: "actor.roles.includes(role) || rolesInRules.includes(role) || true",
    test: "auth/administration/roles",
    title: "authority",
  },
  {
    ...administration,
    code: "if (!services.authority.covers(actor, account)) throw forbidden();",
    broken: "",
    title: byPermission,
  },
  {
    ...administration,
    code: "!actor.isActive || !hasPermission(actor, permission)",
    broken: "!actor.isActive || permission === undefined",
    title: "whoever was demoted acts no more, also while a server still has them in memory",
  },
  {
    ...administration,
    code: "    .forUpdate()\n",
    broken: "",
    title: "whoever is promoted at this moment is out of reach",
  },
  {
    ...roles,
    code: "if (actor !== null && !authority.covers(actor, { roles, permissions })) throw forbidden();",
    broken: "",
    title: "nobody gives what they do not hold",
  },
  {
    ...roles,
    code: "authority.covers(actor, { roles, permissions })",
    broken: "authority.covers(actor, { roles, permissions: [] })",
    title: "nobody gives what they do not hold",
  },
  {
    ...last,
    code: "if (staying === undefined) throw forbidden();",
    broken: "",
    title: "can neither be deactivated nor demoted, also not by themselves",
  },
  {
    ...last,
    code: '    .where("is_active", "=", true)\n',
    broken: "",
    title: "is not outnumbered by those who are deactivated",
  },
  {
    ...last,
    code: "await sql`select pg_advisory_xact_lock(${lockKey.toString()}::bigint)`.execute(transaction);",
    broken: "void lockKey;",
    title: "is left when two demote or deactivate each other, or themselves, at the same moment",
  },
];

const reach = { file: "src/auth/access/token-reach.ts", test: "auth/access/rules" };
const ofTokens: readonly Guard[] = [
  {
    ...reach,
    code: "scope !== undefined && (scope === everyTokensScope || scopes.includes(scope))",
    broken: "scope === undefined || scope === everyTokensScope || scopes.includes(scope)",
    test: "auth/access/token-reach",
    title: "with every scope there is, out of reach are",
  },
  {
    ...reach,
    code: "(scope === everyTokensScope || scopes.includes(scope))",
    broken: "(scope === everyTokensScope || scopes.length > 0)",
    title: "the role is asked all the same: a scope narrows, and never widens",
  },
  {
    ...reach,
    code: "answeredAsNobody.add(info.path);",
    broken: "",
    title: "whoever it is on an open field, it is below it too",
  },
  {
    ...reach,
    code: "return resolver(source, args, context.asAnonymous(), info);\n  };",
    broken: "return resolver(source, args, context, info);\n  };",
    test: "auth/access/token-reach",
    title:
      "an open field without the scope sees nobody, under any name, in fragments, and beside what the token may reach",
  },
  {
    ...reach,
    code: "(scope === everyTokensScope || scopes.includes(scope))",
    broken: "scopes.includes(scope)",
    test: "auth/access/token-reach",
    title: "every token can end itself, whatever it holds",
  },
  {
    ...reach,
    code: " && (!isImpersonation || isImpersonable)",
    broken: " && (!isImpersonation || isImpersonable || true)",
    title: "a field that says nothing is refused, whatever the user may do",
  },
  {
    ...reach,
    code: "(context.scopes !== null || context.isImpersonation) &&",
    broken: "context.scopes !== null &&",
    title: "an open field that says nothing sees nobody, and so does all below it",
  },
];

const impersonation = {
  file: "src/auth/administration/impersonation.ts",
  test: "auth/administration/impersonation",
};
const impersonator = {
  file: "src/auth/authentication/impersonator.ts",
  test: "auth/administration/impersonation",
};
const hour = "is for an hour, which no use prolongs, and never for longer than the actor's session";
const ofActing: readonly Guard[] = [
  {
    file: "src/auth/access/token-reach.ts",
    code: "isImpersonable: impersonable.has(coordinate),",
    broken: 'isImpersonable: impersonable.has(coordinate) || coordinate === "Mutation.changeUsername",',
    test: "auth/administration/impersonation",
    title: "while acting as another user",
  },
  {
    ...impersonation,
    code: "const longest = hours(1);",
    broken: "const longest = hours(1.02);",
    title: hour,
  },
  {
    ...impersonation,
    code: "least(${fromNow(longest)}, absolute_expires_at)",
    broken: "${fromNow(longest)}",
    title: hour,
  },
  { ...impersonation, code: "!isActive || ", broken: "", title: "impersonate" },
  { ...impersonation, code: "user.id === actor.userId || ", broken: "", title: "impersonate" },
  {
    ...impersonation,
    code: " || !isAllowed",
    broken: "",
    title: "impersonate",
  },
  { ...impersonation, code: "    .forShare()\n", broken: "", title: "impersonate" },
  {
    ...impersonation,
    code: "await endImpersonationsOf(transaction, actor.sessionId, { actorId: actor.userId, client });",
    broken: "",
    title: "ends what the same session has begun before; of two at the same moment one is left",
  },
  {
    ...impersonator,
    code: "mayActAs(authority, actor, other) ? actor.id : null",
    broken: "true ? actor.id : null",
    title: "an impersonation ends",
  },
  {
    ...impersonator,
    code: " && authority.covers(actor, other)",
    broken: "",
    title: "an impersonation ends",
  },
  {
    file: "src/auth/authentication/lookup.ts",
    code: "key !== null && found.viewer.impersonatorId === null",
    broken: "key !== null",
    test: "auth/administration/impersonation",
    title: "an impersonation ends",
  },
];

const ofUnproven: readonly Guard[] = [
  {
    file: "src/auth/access/auth-checker.ts",
    code: "if (viewer !== null && !isVerified(viewer)) throw forbidden();",
    broken: "if (viewer !== null && !isVerified(viewer) && allowed.length > 0) throw forbidden();",
    test: "auth/access/require-verified-email",
    title: "each private root field refuses unproven accounts, but for those that say otherwise",
  },
  {
    file: "src/auth/access/auth-checker.ts",
    code: "user.emailVerified || user.email === null",
    broken: "user.emailVerified",
    test: "auth/access/require-verified-email",
    title: "an account without any address was made by an operator, and has nothing to prove",
  },
  {
    file: "src/schema/build.ts",
    code: "requireVerifiedEmail ? verifiedAuthChecker : authChecker",
    broken: "requireVerifiedEmail ? authChecker : verifiedAuthChecker",
    test: "auth/access/require-verified-email",
    title: "is logged in, sees that, and may do what leads out of it, and nothing else that is private",
  },
  {
    file: "src/auth/access/guard.ts",
    code: "rules.unverified.has(coordinate) ? ofUnverified : authChecker",
    broken: "rules.unverified.has(coordinate) || !isRoot ? ofUnverified : authChecker",
    test: "auth/access/require-verified-email",
    title: "a rule below an open field refuses them, for all its roles",
  },
];

export const access: readonly Guard[] = [
  ...onTheSchema,
  ...onDisk,
  ...betweenPeople,
  ...ofTokens,
  ...ofActing,
  ...ofUnproven,
];
