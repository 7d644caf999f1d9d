// The permitted difference in what introspection shows: stock Apollo shows every caller the whole schema.
import { executeSync, parse } from "graphql";
import { createSchemaViews, type SchemaViews } from "../../src/auth/access/introspection/schema-views.ts";
import type { Viewer } from "../../src/auth/viewer/viewer.ts";
import type { ApplicationSchema } from "../../src/schema/application-schema.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import type { Caller } from "./cases.ts";
import type { Difference } from "./difference.ts";
import type { Request } from "./exchange.ts";

/** Alice has no role, and everybody but nobody is Alice. */
const viewerOf = (caller: Caller): Viewer | null =>
  caller === "anonymous" ? null : ({ roles: [], permissions: [], accessToken: null } as unknown as Viewer);

const paramsOf = ({ method, path, body }: Request) => {
  if (method === "POST") return JSON.parse(String(body));
  const search = new URL(path, "http://localhost").searchParams;
  return { query: search.get("query"), variables: JSON.parse(search.get("variables") ?? "{}") };
};

let views: SchemaViews | undefined;

/** Call it once the pair has added its own fields. */
export const showSchemaOf = (application: ApplicationSchema): void => {
  const { schema, rules } = buildGuardedSchema(application);
  views = createSchemaViews(schema, rules);
};

export const shownSchema: Difference = {
  name: "the schema as far as the caller may use it",
  reason: "docs/decisions/introspection-by-caller.md: introspection shows nobody what they may not use",
  change: (stock, request, caller) => {
    if (!/^\{"data":\{"__(?:schema|type)":/.test(stock.body)) return null;
    if (views === undefined) throw new Error("showSchemaOf() was not called.");
    const { query, variables } = paramsOf(request);
    const schema = views(viewerOf(caller));
    const { data } = executeSync({ schema, document: parse(query), variableValues: variables });
    return { ...stock, body: `${JSON.stringify({ data })}\n` };
  },
};
