// What a document may ask for, and what its arguments may hold.
import type { Guard } from "../house/guard.ts";

const gate = "src/graphql/document-gate.ts";
const size = "src/graphql/document-size.ts";
const text = "src/graphql/document-text.ts";
const page = "src/auth/page.ts";
const border = "a document at a limit is answered, and one beyond it refused, by POST and by GET, each time:";
const nesting = "hostile nesting ends before the parser:";
const ids = "no ID is a 5xx or reaches PostgreSQL unread, as a literal and as a variable:";
const numbers = "no number, cursor or value of an enum is a 5xx or reaches PostgreSQL unread:";

export const documents: readonly Guard[] = [
  {
    file: text,
    code: "text.length > characters.most",
    broken: "text.length > characters.most + 1",
    test: "graphql/documents",
    title: border,
  },
  {
    file: text,
    code: "count > tokens.most",
    broken: "count >= tokens.most",
    test: "graphql/documents",
    title: border,
  },
  ...[
    "[size.selections, documentLimits.selections],",
    "[size.fields, documentLimits.rootSelections],",
    "[size.aliases, documentLimits.aliases],",
    "[size.directives, documentLimits.directives],",
    "[size.fragmentDepth, documentLimits.fragmentDepth],",
    "[size.depth, documentLimits.depth],",
    "[size.schemaDepth, documentLimits.introspectionDepth],",
  ].map((code) => ({
    file: gate,
    code,
    broken: code.replace("[size", "[-1 + size"),
    test: "graphql/documents",
    title: border,
  })),
  {
    file: size,
    code: "Math.max(depthBelow, below.schemaDepth, ...values);",
    broken: "Math.max(depthBelow, below.schemaDepth);",
    test: "graphql/documents",
    title: border,
  },
  {
    file: size,
    code: "    fields: 1,",
    broken: '    fields: node.name.value === "__typename" ? 0 : 1,',
    test: "graphql/documents",
    title: border,
  },
  {
    file: size,
    code: "? withDirectives(ofFragment(node.name.value), node.directives)",
    broken: "? withDirectives(nothing, node.directives)",
    test: "graphql/documents",
    title: border,
  },
  {
    file: text,
    code: "if (level > nesting.most) return nesting;",
    broken: "if (level > 1_000) return nesting;",
    test: "graphql/documents",
    title: nesting,
  },
  {
    file: text,
    code: "if (level > nesting.most) return nesting;",
    broken: "",
    test: "graphql/documents",
    title: nesting,
  },
  {
    file: gate,
    code: "for (const [{ operation }, size] of measureOperations(document)) {",
    broken: `for (const [{ operation, name }, size] of measureOperations(document)) {
    if (name?.value === "IntrospectionQuery") continue;`,
    test: "graphql/documents",
    title: "no name changes a limit:",
  },
  {
    file: size,
    code: 'node.name.value === "__schema" ||',
    broken: '(node.alias ?? node.name).value === "__schema" ||',
    test: "graphql/documents",
    title: "no name changes a limit:",
  },
  {
    file: gate,
    code: "for (const [{ operation }, size] of measureOperations(document)) {",
    broken: "for (const [{ operation }, size] of [...measureOperations(document)].slice(0, 1)) {",
    test: "graphql/documents",
    title: "an operation that is not asked for counts as well",
  },
  {
    file: "src/graphql/endpoint.ts",
    code: "if (refusal) throw refusal;",
    broken: "",
    test: "graphql/documents",
    title: "of a refused document nothing has run",
  },
  {
    file: "src/graphql/fast-path.ts",
    code: "document === undefined || (variables && findVariableExcess(variables) !== null)",
    broken: "document === undefined",
    test: "graphql/documents",
    title: "nest as deep as literals may, and no deeper: in a known document too, and by GET",
  },
  {
    file: "src/graphql/variable-size.ts",
    code: "const excess = levels === 0 ? variableDepth : findExcess(value, levels - 1);",
    broken:
      "const excess = levels === 0 ? variableDepth : Array.isArray(value) ? null : findExcess(value, levels - 1);",
    test: "graphql/documents",
    title: "in lists are measured alike",
  },
  {
    file: "src/graphql/variable-size.ts",
    code: "if (values > variableValues.most) return variableValues;",
    broken: "if (values > variableValues.most + 1) return variableValues;",
    test: "graphql/documents",
    title: "have a thousand values together, in objects and in lists: in a known document too, and by GET",
  },
  {
    file: "src/graphql/fast-path.ts",
    code: "(variables && findVariableExcess(variables) !== null)",
    broken: "(variables && findVariableExcess(variables)?.most === 10)",
    test: "graphql/documents",
    title: "have a thousand values together, in objects and in lists: in a known document too, and by GET",
  },
  {
    file: "src/graphql/apollo.ts",
    code: "const validationErrorsAtMost = 15;",
    broken: "const validationErrorsAtMost = 150;",
    test: "graphql/documents",
    title: "what validation says is short, however long the names and however many the mistakes",
  },
  {
    file: "src/graphql/error-mask.ts",
    code: ".slice(0, longestText)",
    broken: "",
    test: "graphql/documents",
    title: "what validation says is short, however long the names and however many the mistakes",
  },
  {
    file: "src/graphql/document-limits.ts",
    code: "const introspectionDepth = 20;",
    broken: "const introspectionDepth = 14;",
    test: "graphql/documents",
    title: "the introspection query passes with every option, as GraphiQL and tools for schemas send it",
  },
  {
    file: "src/graphql/document-limits.ts",
    code: 'atMost(15, "aliases")',
    broken: 'atMost(16, "aliases")',
    test: "graphql/documents",
    title: "the limits are those that docs/clients.md tells",
  },
  {
    file: page,
    code: "count > itemsAtMost",
    broken: "count > itemsAtMost + 1",
    test: "graphql/documents",
    title: "a page has 1 to 100 items:",
  },
  {
    file: page,
    code: "count < 1 ||",
    broken: "count < 0 ||",
    test: "graphql/documents",
    title: "a page has 1 to 100 items:",
  },
  {
    file: "src/config/graphql.ts",
    code: '"INTROSPECTION",\n    !production,',
    broken: '"INTROSPECTION",\n    true,',
    test: "graphql/introspection",
    title: "introspection is off in production unless it is turned on",
  },
  {
    file: "src/auth/access/introspection/schema-views.ts",
    code: "views.get(key) ?? build(viewer);",
    broken: "views.get(key) ?? schema;",
    test: "graphql/introspection",
    title: "introspection shows",
  },
  {
    file: "src/auth/access/introspection/schema-views.ts",
    code: "JSON.stringify([isStopped(viewer), passed, held, isImpersonation]);",
    broken: "JSON.stringify([isStopped(viewer), passed, isImpersonation]);",
    test: "graphql/introspection",
    title: "each caller their own part, whoever asked with the same document before or asks meanwhile",
  },
  {
    file: gate,
    code: "fields === schemaFields + typenames;",
    broken: "fields >= schemaFields + typenames;",
    test: "graphql/introspection",
    title: "what introspection answers on its own part alone",
  },
  {
    file: "src/graphql/error-mask.ts",
    code: 'message.replace(/ Did you mean .*\\?$/s, "")',
    broken: "message",
    test: "graphql/suggestions",
    title: "no answer suggests",
  },
  {
    file: "src/auth/users/shown-user.ts",
    code: "(isUuid(id) && (await",
    broken: "(id.length > 30 && (await",
    test: "auth/text/arguments",
    title: ids,
  },
  {
    file: "src/auth/sessions/ends.ts",
    code: "if (!isUuid(id)) return false;",
    broken: "",
    test: "auth/text/arguments",
    title: ids,
  },
  {
    file: page,
    code: "&& BigInt(text) <= largestId;",
    broken: ";",
    test: "auth/text/arguments",
    title: numbers,
  },
  {
    file: "src/auth/users/page.ts",
    code: "prefix === null ? isUuid(text) :",
    broken: "prefix === null ? true :",
    test: "auth/text/arguments",
    title: numbers,
  },
];
