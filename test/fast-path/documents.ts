// Documents, each with variables that fit and that do not, for every way in which an operation can end.
export interface Document {
  readonly query: string;
  /** The first fits. */
  readonly variables?: readonly (Readonly<Record<string, unknown>> | null)[];
  /** The first fits. */
  readonly operationNames?: readonly (string | null)[];
}

const echoOf = (type: string, argument: string, ...values: readonly unknown[]): Document => ({
  query: `query Echo($v: ${type}) { echo(${argument}: $v) }`,
  variables: [...values.map((v) => ({ v })), {}, { v: null }, { V: values[0] }],
});

export const documents: Readonly<Record<string, Document>> = {
  smallest: { query: "{__typename}" },
  public: { query: "{ public { message } }" },
  publicPadded: { query: "\n# a comment\n  query   Public\n{ public { message }, __typename }\n\n" },
  private: {
    query: "query Private { private { message } }",
    operationNames: ["Private", "private", "", null],
  },
  publicAndPrivate: { query: "{ private { message } public { message } }" },
  privateAliased: {
    query: "{ b: private { m: message } a: public { m: message } c: private { __typename } }",
  },
  viewer: { query: "query Viewer { viewer { id username email roles createdAt } }" },
  sessions: { query: "{ sessions { current hasCookie hasToken } }" },
  merged: { query: "{ probe { name } probe { at name } probe { ...on Probe { at } } }" },
  everything: {
    query: "{ probe { name at nothing late items caller inner { caller } named { name __typename } } }",
  },
  fragments: {
    query:
      "query($n: Int! = 3) { probe { ...A } } fragment A on Probe { many(count: $n) { ...B } } fragment B on Named { name }",
    variables: [{ n: 1 }, {}, { n: 0 }, { n: null }, { n: "2" }, null],
  },
  unions: {
    query:
      '{ probe { a: thing(kind: "probe") { ...on Probe { name } } b: thing(kind: "message") { __typename ...on Message { message } } } }',
  },
  unionUnresolved: { query: '{ probe { thing(kind: "neither") { __typename } name } }' },
  skipAndInclude: {
    query:
      "query S($s: Boolean!, $i: Boolean = false) { probe { name @skip(if: $s) late @include(if: $i) at } public @skip(if: $s) { message } }",
    variables: [
      { s: true, i: true },
      { s: false },
      { s: false, i: true },
      { s: true },
      { i: true },
      { s: "true" },
      { s: 1 },
      { s: false, i: null },
    ],
  },
  skipEverything: {
    query: "query($s: Boolean! = true) { public @skip(if: $s) { message } }",
    variables: [{}, { s: false }],
  },
  several: {
    query:
      "query One { public { message } } query Two { probe { name } } mutation Three { count } query Four($n: Int!) { echo(number: $n) }",
    operationNames: ["One", "Two", "Four", "Five", "", null],
    variables: [{ n: 4 }, {}],
  },
  anonymousBesideNamed: {
    query: "{ public { message } } query Two { probe { name } }",
    operationNames: ["Two", null],
  },
  twiceTheName: {
    query: "query One { public { message } } query One { __typename }",
    operationNames: ["One"],
  },
  echoText: echoOf(
    "String",
    "text",
    "text",
    "",
    "é 🙂 \u2028 </script>",
    "a\0b",
    "\ud800",
    1,
    ["a"],
    { a: 1 },
    true,
  ),
  echoInt: echoOf("Int", "number", 1, -0, 2 ** 31, 1.5, "1", true, [1]),
  echoFloat: echoOf("Float", "decimal", 1.5, 1, 1e21, "1.5"),
  echoBoolean: echoOf("Boolean", "flag", true, false, 0, "true"),
  echoId: echoOf("ID", "id", "id", 7, 7.5, true),
  echoList: echoOf("[Int!]", "list", [1, 2], 3, [], [1, null], [1, "2"], "1"),
  echoSize: echoOf("Size", "size", "SMALL", "LARGE", "small", 1),
  echoDate: echoOf(
    "DateTime",
    "at",
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.5+02:00",
    "yesterday",
    "2020-13-01T00:00:00Z",
  ),
  echoInput: echoOf(
    "ProbeInput",
    "input",
    { text: "t" },
    { text: "t", number: 1, ids: "a", inner: { text: "i", ids: [1, "b"] } },
    { number: 1 },
    { text: "t", unknown: 1 },
    { text: "t", inner: { text: 5 } },
    { text: "t", number: null },
    "t",
    [],
  ),
  echoLiterals: {
    query:
      '{ a: echo(text: null) b: echo(list: [1, 2], size: LARGE, id: 9, decimal: 1, input: { text: """\n  block\n   text\n""" }) c: echo }',
  },
  echoRequiredWithDefault: {
    query: 'query($v: String! = "default") { echo(text: $v) }',
    variables: [{}, { v: "given" }, { v: null }],
  },
  requiredMissing: {
    query: "query($a: Int!, $b: [Int!]!) { x: echo(number: $a) y: echo(list: $b) }",
    variables: [{ a: 1, b: [2] }, {}, { a: null }, { a: "s", b: [null] }, null],
  },
  nestedArgument: {
    query: "query($n: Int = 1) { probe { many(count: $n) { name } } }",
    variables: [{ n: 2 }, {}, { n: null }],
  },
  fails: { query: "{ probe { fails name } }" },
  failsDeep: { query: "{ probe { many { failsLate } } public { message } }" },
  failsRequired: { query: "{ probe { inner { missing name } name } }" },
  failsToTheRoot: { query: "{ requiredProbe { missing } public { message } }" },
  failsTwice: { query: "{ a: probe { failsLate } b: probe { missing } c: probe { fails } }" },
  failsWith: {
    query: "query F($w: String!) { public { message } probe { fails(with: $w) name } }",
    variables: [
      "error",
      "text",
      "nothing",
      "notFound",
      "forbidden",
      "unavailable",
      "badUserInput",
      "endedConnection",
      "graphql",
      "teapot",
      "shared",
      "nullPrototype",
    ].map((w) => ({ w })),
  },
  failsInKinds: {
    query:
      '{ probe { a: fails(with: "notFound") b: fails(with: "unavailable") c: fails d: fails(with: "teapot") } }',
  },
  returnsError: { query: "{ probe { returnsError } }" },
  badResults: { query: "{ probe { tooLarge noList holes items a: size(value: 1) b: size(value: 3) } }" },
  unknownField: { query: "{ publik { message } }" },
  unknownNested: { query: "{ probe { nam at { x } } viewer }" },
  unknownArgument: { query: "{ echo(texd: 1, size: SMAL) }" },
  unknownType: { query: "query($a: Strin) { echo(text: $a) ...on Prob { name } ...F }" },
  wrongLiterals: { query: '{ echo(number: "1", flag: 1, list: ["a"], input: { number: 1 }) }' },
  unusedAndUndefined: { query: "query($a: Int) { echo(number: $b) } fragment F on Probe { name }" },
  conflicting: { query: "{ probe { name: at name } }" },
  circular: { query: "{ probe { ...A } } fragment A on Probe { inner { ...A } }" },
  unknownDirective: { query: "{ public @defer { message } probe @skip { name } }" },
  deferred: { query: "{ probe { ...on Probe @defer { late } } }" },
  noSelection: { query: "{ public }" },
  unclosed: { query: "{ public { message }" },
  emptySelection: { query: "{ public { } }" },
  unterminated: { query: '{ echo(text: "x) }' },
  strangeCharacter: { query: "{ public { message } } \u0007" },
  onlyComment: { query: "# nothing" },
  blank: { query: "  " },
  fragmentOnly: { query: "fragment F on Probe { name }" },
  schemaDefinition: { query: "type A { b: Int } { public { message } }" },
  subscription: { query: "subscription { anything }" },
  typeByName: {
    query: "query($n: String!) { __type(name: $n) { name kind fields { name } } }",
    variables: [{ n: "Probe" }, { n: "None" }, {}],
  },
  wrongLogin: {
    query: 'mutation L($u: String!) { login(username: $u, password: "not the right one") { userId } }',
    variables: [{ u: "nobody" }, {}],
  },
};

export const changingDocuments: Readonly<Record<string, Document>> = {
  count: { query: "mutation Count { count }", operationNames: ["Count", "Other", null] },
  countTwice: { query: "mutation { first: count second: count }" },
  countAndFail: { query: "mutation { a: count b: countAndFail c: count }" },
  countSkipped: {
    query: "mutation($s: Boolean!) { count @skip(if: $s) __typename }",
    variables: [{ s: true }, { s: false }, {}],
  },
};
