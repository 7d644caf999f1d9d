// docs/reference/document-limits.md: the document limits, from the table that defines them.
import { documentLimitBounds } from "../../src/config/document-limits.ts";
import { usualDocumentLimits as limits } from "../../src/graphql/document-limits.ts";
import { page, table } from "./page.ts";

/** What the text of the refusal does not explain. */
const notes: Readonly<Record<keyof typeof limits, string>> = {
  characters: "",
  tokens: "Names, values and punctuation, without comments and commas.",
  nesting: "Follows from the depths, and has no setting of its own.",
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
  const rows = (Object.keys(limits) as (keyof typeof limits)[]).map((limit) => {
    const bounds = limit === "nesting" ? null : documentLimitBounds[limit];
    return [
      bounds ? `\`${bounds.name}\`` : "",
      limits[limit].most.toLocaleString("en"),
      bounds ? bounds.most.toLocaleString("en") : "",
      limits[limit].text.replaceAll(/__\w+/g, "`$&`"),
      notes[limit],
    ];
  });
  return page("Limits of a document", "`src/config/document-limits.ts`", [
    "Beyond a limit the document is refused before anything runs: HTTP 400, with the code `GRAPHQL_VALIDATION_FAILED` and the text below. Each operation of a document is counted, with its fragments written out, and including fields that `@skip` leaves out.",
    table(["name", "limit", "highest setting", "text", "what counts"], rows),
    "[`DOCUMENT_LIMITS`](settings.md#document_limits) overrides a limit by its name. `npx graphward check` warns of values with which one request can cause much work.",
  ]);
}
