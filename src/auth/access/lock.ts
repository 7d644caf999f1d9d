// access.lock: lists public fields, access rules and what limited callers may use, in lines that a reviewer reads in a diff.
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from "graphql";
import { describeOwnTypes } from "./own/ways.ts";
import type { AccessRules } from "./rules.ts";

const heading = `# Every open root field with all that can be reached below it, every rule,
# every root field that access tokens reach, with the scope they need for it,
# every private root field for accounts whose address is not proven,
# every private root field for users who must add a second factor first,
# every root field that can be used while acting as another user,
# every type that can be read by its id, with the root field whose rules hold there,
# and for each type that belongs to one user: its fields for this user, the fields that everybody sees, and every way to it.
# The server refuses to start when this file and the schema differ.
# Read the difference as an attacker would, then accept it: npx graphward access --write
`;

export const describeAccess = (schema: GraphQLSchema, rules: AccessRules): string => {
  const open = [...rules.open]
    .sort()
    .map((coordinate) => `open ${coordinate}\n${describeReach(schema, coordinate)}`);
  const ruled = [...rules.allowed]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([coordinate, names]) => `rule ${coordinate} ${names.length > 0 ? names.join(" or ") : "any viewer"}\n`,
    );
  const scoped = [...rules.scopes].sort().map(([coordinate, scope]) => `scope ${coordinate} ${scope}\n`);
  const unverified = [...rules.unverified].sort().map((coordinate) => `unverified ${coordinate}\n`);
  const unenrolled = [...rules.unenrolled].sort().map((coordinate) => `unenrolled ${coordinate}\n`);
  const impersonable = [...rules.impersonable].sort().map((coordinate) => `impersonable ${coordinate}\n`);
  const nodes = [...rules.nodes]
    .sort()
    .flatMap(([type, fields]) => fields.map((coordinate) => `node ${type} as ${coordinate}\n`));
  const lists = [ruled, scoped, unverified, unenrolled, impersonable, nodes, describeOwnTypes(schema, rules)]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join(""));
  return [heading, ...open, ...lists].join("\n");
};

/** Returns a line diff: `-` for lines only in the file, `+` for lines only in the schema. Empty when they are equal. */
export const differenceOfAccess = (file: string, current: string): string => {
  const before = blocks(file);
  const after = blocks(current);
  const removed = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  return [...removed, ...added].join("\n");
};

/** An indented line means nothing alone, so each is prefixed with its field. */
const blocks = (text: string): string[] => {
  let owner = "";
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const isIndented = line.startsWith(" ");
    if (!isIndented) owner = line;
    lines.push(isIndented ? `${owner} > ${line.trim()}` : line);
  }
  return lines;
};

const describeReach = (schema: GraphQLSchema, coordinate: string): string => {
  const [typeName = "", fieldName = ""] = coordinate.split(".");
  const root = schema.getType(typeName);
  const start = isObjectType(root) ? root.getFields()[fieldName]?.type : undefined;
  if (start === undefined)
    throw new Error(`describeAccess() was given rules of another schema: ${coordinate}`);
  return [...reachableTypes(schema, getNamedType(start))]
    .filter(isObjectType)
    .map((type) => `  ${type.name}: ${Object.keys(type.getFields()).sort().join(" ")}\n`)
    .sort()
    .join("");
};

const reachableTypes = (schema: GraphQLSchema, start: GraphQLNamedType): Set<GraphQLNamedType> => {
  const reached = new Set([start]);
  for (const type of reached) {
    if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) reached.add(possible);
    if (isObjectType(type))
      for (const field of Object.values(type.getFields())) reached.add(getNamedType(field.type));
  }
  return reached;
};
