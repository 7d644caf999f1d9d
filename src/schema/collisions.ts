// Refuses names of an application that Graphward has already: one definition would silently replace the other.
import { getMetadataStorage } from "type-graphql";
import { AccessRuleError } from "../auth/access/rule-error.ts";
import type { Class } from "../auth/access/rules.ts";
import { isColonName } from "../auth/text/rule-names.ts";
import { permissionsAskedInCode } from "../auth/viewer/permissions.ts";
import { User } from "../entities/user.ts";
import type { ApplicationSchema } from "./application-schema.ts";

/** Throws an AccessRuleError that names both definitions. */
export const refuseCollisions = (
  ours: readonly Class[],
  { resolvers, permissions }: ApplicationSchema,
): void => {
  if (resolvers.length === 0 && Object.keys(permissions).length === 0) return;
  refuseSharedFields(ours, resolvers);
  refuseReplacedFields(resolvers);
  refuseSharedTypes();
  refuseSharedPermissions(ours, permissions);
};

const refuseSharedFields = (ours: readonly Class[], theirs: readonly Class[]): void => {
  const storage = getMetadataStorage();
  const roots = { Query: storage.queries, Mutation: storage.mutations, Subscription: storage.subscriptions };
  for (const [root, methods] of Object.entries(roots)) {
    const owners = new Map<string, string>();
    // Ours first, whatever was loaded first.
    for (const served of [ours, theirs])
      for (const { target, methodName, schemaName } of methods) {
        if (!served.includes(target)) continue;
        const [owner, other] = [`${target.name}.${methodName}`, owners.get(schemaName)];
        if (other !== undefined)
          throw new AccessRuleError(
            `${root}.${schemaName} is defined twice: by ${other} and by ${owner}. Rename one.`,
          );
        owners.set(schemaName, owner);
      }
  }
};

/** type-graphql would take the application's: a field that everybody sees, such as the username, could then show anything. */
const refuseReplacedFields = (theirs: readonly Class[]): void => {
  const { fields, fieldResolvers, resolverClasses } = getMetadataStorage();
  const ofUser = fieldResolvers.filter(
    ({ target }) => resolverClasses.find((it) => it.target === target)?.getObjectType() === User,
  );
  const ours = new Set([
    ...fields.filter(({ target }) => target === User).map(({ schemaName }) => schemaName),
    ...ofUser.filter(({ target }) => !theirs.includes(target)).map(({ schemaName }) => schemaName),
  ]);
  for (const { target, methodName, schemaName } of ofUser)
    if (theirs.includes(target) && ours.has(schemaName))
      throw new AccessRuleError(
        `User.${schemaName} is Graphward's, and cannot be replaced by ${target.name}.${methodName}. Give the field another name.`,
      );
};

/** type-graphql builds every type that a decorator has registered, so no list of ours and theirs is needed. */
const refuseSharedTypes = (): void => {
  const storage = getMetadataStorage();
  const owners = new Map<string, unknown>();
  const types = [
    ...[...storage.objectTypes, ...storage.inputTypes, ...storage.interfaceTypes].map(
      (it) => [it.name, it.target] as const,
    ),
    ...storage.enums.map((it) => [it.name, it.enumObj] as const),
    ...storage.unions.map((it) => [it.name, it.symbol] as const),
  ];
  for (const [name, target] of types) {
    const other = owners.get(name);
    if (other !== undefined && other !== target)
      throw new AccessRuleError(
        `The GraphQL type ${name} is defined twice: Graphward or your code has ${name} already. Rename one, such as @ObjectType("My${name}").`,
      );
    owners.set(name, target);
  }
};

const refuseSharedPermissions = (
  ours: readonly Class[],
  permissions: Readonly<Record<string, string>>,
): void => {
  const storage = getMetadataStorage();
  const asked = storage.authorizedFields.filter(({ target }) => ours.includes(target as Class));
  const taken = new Map<unknown, string>([
    ...permissionsAskedInCode.map((name): [string, string] => [name, "Graphward's code"]),
    ...asked.flatMap(({ target, fieldName, roles }) =>
      roles.map((role): [unknown, string] => [role, `${target.name}.${fieldName}`]),
    ),
  ]);
  for (const name of Object.keys(permissions)) {
    if (!isColonName(name))
      throw new AccessRuleError(
        `permissions: ${JSON.stringify(name)} needs a colon, such as notes:moderate.`,
      );
    const owner = taken.get(name);
    if (owner !== undefined)
      throw new AccessRuleError(
        `The permission ${name} is Graphward's (${owner}) and cannot be defined again.`,
      );
  }
};
