// The decorators of a type that belongs to one user. `access.lock` lists the result; the guard enforces it.
import { Extensions } from "type-graphql";

/** Who sees the fields of a type. */
export interface Owned<Row> {
  /** A permission to see the fields of all users. Access tokens also need the scope of the same name. */
  readonly permission: string;
  /** The scope that an access token needs for the fields of its own user. */
  readonly scope: string;
  /** The id of the user whose row it is. */
  ownerOf(row: Row): string | null | undefined;
}

/**
 * On an object type: its fields are null for all viewers but the owner and those with the permission, wherever the type is
 * reached. Holds for every field that somebody adds later, unless the field has `@ShownToOthers()`.
 */
export function OwnOr<Row>(permission: string, owned: Omit<Owned<Row>, "permission">): ClassDecorator {
  return Extensions({ ownOr: { permission, ...owned } });
}

/** On a field of such a type: everybody who reaches the object sees it. */
export function ShownToOthers(): MethodDecorator & PropertyDecorator {
  return Extensions({ shownToOthers: true });
}

/** On a field of such a type: only for the owner, whatever permission a viewer has. */
export function OwnOnly(): MethodDecorator & PropertyDecorator {
  return Extensions({ ownOnly: true });
}

declare module "graphql" {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one is merged with
  interface GraphQLObjectTypeExtensions<_TSource = any, _TContext = any> {
    ownOr?: Owned<unknown>;
  }
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one is merged with
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs = any> {
    shownToOthers?: boolean;
    ownOnly?: boolean;
  }
}
