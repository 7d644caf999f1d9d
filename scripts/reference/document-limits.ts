// docs/reference/document-limits.md: the document limits, from the table that defines them.
import { documentLimits, variableDepth, variableValues } from "../../src/graphql/document-limits.ts";
import { page, table } from "./page.ts";

const limits = { ...documentLimits, variableDepth, variableValues };

/** What the text of the refusal does not explain. */
const notes: Readonly<Record<keyof typeof limits, string>> = {
  characters: "",
  tokens: "Names, values and punctuation, without comments and commas.",
  nesting: "",
  depth: "The objects and lists of an argument count with its field.",
  introspectionDepth: "The introspection query of GraphiQL has 15.",
  fragmentDepth: "Inline, or spread by name.",
  aliases: "",
  rootSelections: "`__typename` and repeated fields count too.",
  directives: "",
  selections: "",
  variableDepth: "",
  variableValues: "For all variables of a request together.",
};

export function documentLimitsPage(): string {
  const rows = (Object.keys(limits) as (keyof typeof limits)[]).map((name) => [
    limits[name].most.toLocaleString("en"),
    limits[name].text.replaceAll(/__\w+/g, "`$&`"),
    notes[name],
  ]);
  return page("Limits of a document", "`src/graphql/document-limits.ts`", [
    "Beyond a limit the document is refused before anything runs: HTTP 400, with the code `GRAPHQL_VALIDATION_FAILED` and the text below. Each operation of a document is counted, with its fragments written out, and including fields that `@skip` leaves out.",
    table(["limit", "text", "what counts"], rows),
  ]);
}
