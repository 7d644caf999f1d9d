// The limits of a document with their defaults, and DOCUMENT_LIMITS, which overrides them.
import { z } from "zod";
import { optionalSetting } from "./setting.ts";

interface Bounds {
  /** Its name in DOCUMENT_LIMITS. */
  readonly name: string;
  readonly usual: number;
  /** Above it, `graphward check` warns. */
  readonly careful: number;
  /** Above it, the start is refused: the work of one request would no longer be bounded. */
  readonly most: number;
  /** What a higher limit lets a stranger do. */
  readonly risk: string;
}

export const documentLimitBounds = {
  characters: {
    name: "characters",
    usual: 15_000,
    careful: 45_000,
    most: 100_000,
    risk: "one request is read for longer",
  },
  tokens: {
    name: "tokens",
    usual: 1_000,
    careful: 3_000,
    most: 10_000,
    risk: "validation takes time in proportion to its square",
  },
  depth: {
    name: "depth",
    usual: 10,
    careful: 15,
    most: 50,
    risk: "lists inside lists multiply the size of a response",
  },
  introspectionDepth: {
    name: "introspection-depth",
    usual: 20,
    careful: 30,
    most: 50,
    risk: "one introspection returns more",
  },
  fragmentDepth: {
    name: "fragment-depth",
    usual: 10,
    careful: 30,
    most: 50,
    risk: "parsing and validation recurse deeper",
  },
  aliases: {
    name: "aliases",
    usual: 15,
    careful: 45,
    most: 500,
    risk: "one request repeats the same work more often",
  },
  rootSelections: {
    name: "root",
    usual: 10,
    careful: 30,
    most: 100,
    risk: "one request runs more resolvers",
  },
  directives: {
    name: "directives",
    usual: 10,
    careful: 30,
    most: 100,
    risk: "validation takes longer",
  },
  selections: {
    name: "selections",
    usual: 1_000,
    careful: 3_000,
    most: 10_000,
    risk: "a short document with fragments becomes a large one",
  },
  variableDepth: {
    name: "variable-depth",
    usual: 10,
    careful: 20,
    most: 50,
    risk: "the values of variables recurse deeper",
  },
  variableValues: {
    name: "variable-values",
    usual: 1_000,
    careful: 3_000,
    most: 10_000,
    risk: "coercion of variables takes longer",
  },
} as const satisfies Record<string, Bounds>;

export type DocumentLimitName = keyof typeof documentLimitBounds;
export type DocumentLimitNumbers = Readonly<Record<DocumentLimitName, number>>;

const names = Object.keys(documentLimitBounds) as DocumentLimitName[];

export const defaultDocumentLimits = Object.fromEntries(
  names.map((name) => [name, documentLimitBounds[name].usual]),
) as DocumentLimitNumbers;

/** The limits that are higher than is careful. */
export const riskyDocumentLimits = (limits: DocumentLimitNumbers): readonly Bounds[] =>
  names
    .filter((name) => limits[name] > documentLimitBounds[name].careful)
    .map((name) => documentLimitBounds[name]);

export const documentLimitSettings = () => ({
  documentLimits: optionalSetting("DOCUMENT_LIMITS", {
    text: "Overrides of the [limits of a document](document-limits.md), by name and separated by commas. For gateways and clients that send larger documents than people write.",
    example: "root=30,aliases=40",
    schema: z.string().transform(toNumbers),
    otherwise: defaultDocumentLimits,
  }),
});

function toNumbers(text: string, context: z.RefinementCtx): DocumentLimitNumbers {
  const numbers: Record<DocumentLimitName, number> = { ...defaultDocumentLimits };
  for (const part of text.split(",")) {
    const [, given = "", count = ""] = /^\s*([a-z-]+)=([1-9]\d{0,6})\s*$/.exec(part) ?? [];
    const name = names.find((it) => documentLimitBounds[it].name === given);
    if (name === undefined) {
      const known = names.map((it) => documentLimitBounds[it].name).join(", ");
      context.addIssue(`${JSON.stringify(part.trim())} must look like root=30; the names are ${known}`);
      continue;
    }
    const { most } = documentLimitBounds[name];
    if (Number(count) > most) context.addIssue(`${given} can be at most ${most}`);
    else numbers[name] = Number(count);
  }
  return numbers;
}
