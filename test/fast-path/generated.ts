// Requests that nobody wrote: every document each way, and a sample of the product of all that a request can vary in.
import { type Caller, type Case, get, post, preflighted, raw } from "./cases.ts";
import { changingDocuments, type Document, documents } from "./documents.ts";
import { acceptHeaders, jsonTypes } from "./edge-values.ts";
import type { Request } from "./exchange.ts";

const newerType = { accept: "application/graphql-response+json" };

const paramsOf = ({ query, variables = [], operationNames = [] }: Document): Envelope => ({
  query,
  ...(variables[0] && { variables: variables[0] }),
  ...(operationNames[0] && { operationName: operationNames[0] }),
});

interface Envelope {
  readonly query?: unknown;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

/** By GET null cannot be told from the text, so it is left out. */
const asSearch = (envelope: Envelope): Record<string, string> =>
  Object.fromEntries(
    Object.entries(envelope)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );

const eachWay = ([name, document]: readonly [string, Document]): readonly Case[] => {
  const envelope = paramsOf(document);
  const cases: [string, Caller, Request][] = [
    ["by POST", "token", post(envelope)],
    ["by GET", "token", get(asSearch(envelope))],
    ["by POST, newer type", "cookie", post(envelope, newerType)],
    ["by GET, newer type", "cookie", get(asSearch(envelope), { ...preflighted, ...newerType })],
    ["by POST", "anonymous", post(envelope)],
  ];
  document.variables?.forEach((variables, index) => {
    cases.push([`variables ${index}`, "token", post({ ...envelope, variables })]);
  });
  document.operationNames?.forEach((operationName) => {
    cases.push([`operation ${operationName}`, "token", post({ ...envelope, operationName })]);
  });
  return cases.map(([how, caller, request]) => ({ name: `${name} ${how}, ${caller}`, caller, request }));
};

const changing = Object.entries(changingDocuments)
  .flatMap(eachWay)
  .map((it) => ({ ...it, changesState: true as const }));

/** Mulberry32: the same sample on every machine and in every run. */
const createRandom = (seed: number) => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
};

const oddVariables = [
  undefined,
  null,
  {},
  { s: true, n: 1, v: "x", w: "error", unknown: [] },
  { v: null },
  "x",
  [],
  1,
];
const oddNames = [undefined, undefined, null, "", "One", "Two", "Three", 1];
const oddExtensions = [undefined, undefined, undefined, null, {}, { clientLibrary: { name: "x" } }, "x", [1]];
const callers = ["anonymous", "token", "cookie"] as const;

const sample = (seed: number, count: number): readonly Case[] => {
  const pick = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const [name, document] = pick(Object.entries(documents));
    const isPost = pick([true, true, false]);
    const isOdd = pick([true, false]);
    const envelope = {
      ...paramsOf(document),
      variables: pick(isOdd ? oddVariables : (document.variables ?? [undefined])),
      operationName: pick(isOdd ? oddNames : (document.operationNames ?? [undefined])),
      extensions: pick(oddExtensions),
    };
    const accept = pick([null, ...acceptHeaders]);
    const type = pick([undefined, ...jsonTypes]);
    const headers = {
      ...(accept !== null && { accept }),
      ...(type !== undefined && { "content-type": type }),
    };
    // Some clients write their JSON for people.
    const text = JSON.stringify(envelope, null, pick([0, 2]));
    const request = isPost ? raw(text, headers) : get(asSearch(envelope), { ...preflighted, ...headers });
    const caller = pick(callers);
    return { name: `sample ${index}: ${name} by ${request.method}, ${caller}`, caller, request };
  });
};

export const generated: readonly Case[] = [
  ...Object.entries(documents).flatMap(eachWay),
  ...changing,
  ...sample(20260917, 400),
];
