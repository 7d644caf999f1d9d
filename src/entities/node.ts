// Relay's Node: what every object with an id of its own implements.
import { Field, ID, InterfaceType } from "type-graphql";

/** Rows are plain objects: nothing in them says which type they are. */
const typeOfRow = new WeakMap<object, string>();

/** For GraphQL, which resolves the type of a `Node` with it. */
export const typeOfNode = (row: object): string | undefined => typeOfRow.get(row);

/** Call it for each row that a field of the type `Node` returns. */
export function asNode<Row extends object>(row: Row, type: string): Row {
  typeOfRow.set(row, type);
  return row;
}

@InterfaceType({
  description: "An object that can be read again by its id.",
  resolveType: typeOfNode,
})
export abstract class Node {
  @Field(() => ID, { description: "Different from the id of every other object, of all types." })
  id!: string;
}
