// How the explorer calls the API: a POST to its own origin, with the session cookie and the headers editor's headers.
import type { GraphiQLProps } from "graphiql";

/** Each has its own identity: GraphiQL asks for the schema again when it gets another one. */
export const createFetcher =
  (onMutation: () => void): Fetcher =>
  async (operation, options) => {
    const headers = new Headers({ Accept: "application/json", "Content-Type": "application/json" });
    for (const [name, value] of Object.entries(options?.headers ?? {})) headers.set(name, String(value));

    const response = await fetch("/graphql", {
      method: "POST",
      credentials: "same-origin",
      headers,
      body: JSON.stringify({ ...operation, operationName: nameIn(operation) }),
    });
    const answer = await response.json();
    // A comment with that word costs a look at the schema, and no more.
    if (/\bmutation\b/.test(operation.query)) onMutation();
    return answer;
  };

/** GraphiQL notices a tab's operation 100 ms late, and until then sends the name of the tab before: leave that out. */
const nameIn = ({ query, operationName }: Operation): string | undefined =>
  operationName && new RegExp(`\\b${operationName}\\b`).test(query) ? operationName : undefined;

type Operation = Parameters<Fetcher>[0];
type Fetcher = GraphiQLProps["fetcher"];
