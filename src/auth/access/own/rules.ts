// Reads which fields only an owner sees, and refuses a mark that would have no effect.
import { type GraphQLSchema, isNonNullType, isObjectType } from "graphql";
import { getMetadataStorage } from "type-graphql";
import type { Owned } from "../../../entities/own.ts";
import { AccessRuleError } from "../rule-error.ts";
import { objectFields } from "../schema-fields.ts";

export interface OwnRule {
  /** As for the auth checker. Null: no permission shows it. */
  readonly allowed: readonly [permission: string] | null;
  readonly scope: string;
  ownerOf(row: unknown): string | null | undefined;
}

export interface OwnRules {
  /** Maps the coordinate of a field to its rule. */
  readonly own: ReadonlyMap<string, OwnRule>;
  /** Coordinates of the fields of the same types that everybody sees. */
  readonly shown: ReadonlySet<string>;
  /** Coordinates of the fields that show an object as to its owner. */
  readonly asOwner: ReadonlySet<string>;
}

export const readOwnRules = (schema: GraphQLSchema): OwnRules => {
  refuseUnenforced();
  const own = new Map<string, OwnRule>();
  const shown = new Set<string>();
  const asOwner = new Set<string>();
  for (const { type, field, coordinate } of objectFields(schema)) {
    const owned = type.extensions.ownOr;
    const { shownToOthers = false, ownOnly = false } = field.extensions;
    if (field.extensions.asOwner) {
      const shownType = isNonNullType(field.type) ? field.type.ofType : field.type;
      if (!isObjectType(shownType) || shownType.extensions.ownOr === undefined)
        throw new AccessRuleError(
          `${coordinate} has @AsOwner(), which is for a field that returns one object of a type with @OwnOr().`,
        );
      asOwner.add(coordinate);
    }
    if (owned === undefined && (shownToOthers || ownOnly))
      throw new AccessRuleError(
        `${coordinate} has ${shownToOthers ? "@ShownToOthers()" : "@OwnOnly()"}, but ${type.name} has no @OwnOr(): it would change nothing.`,
      );
    if (shownToOthers && ownOnly)
      throw new AccessRuleError(`${coordinate} has both @ShownToOthers() and @OwnOnly(). Decide on one.`);
    if (owned === undefined) continue;
    if (shownToOthers) {
      shown.add(coordinate);
      continue;
    }
    if (isNonNullType(field.type))
      throw new AccessRuleError(
        `${coordinate} is null for all but its owner: make it nullable, or show it to everybody with @ShownToOthers().`,
      );
    own.set(coordinate, ruleOf(owned, ownOnly));
  }
  return { own, shown, asOwner };
};

const ruleOf = ({ permission, scope, ownerOf }: Owned<unknown>, ownOnly: boolean): OwnRule => ({
  allowed: ownOnly ? null : [permission],
  scope,
  ownerOf,
});

/** On an interface or a resolver, the decorator would look like protection. */
const refuseUnenforced = (): void => {
  const { classExtensions, objectTypes } = getMetadataStorage();
  for (const { target, extensions } of classExtensions)
    if (
      extensions.ownOr !== undefined &&
      !objectTypes.some(
        (it) => it.target === target || Object.prototype.isPrototypeOf.call(target, it.target),
      )
    )
      throw new AccessRuleError(`@OwnOr() on ${target.name} guards nothing: put it on an object type.`);
};
