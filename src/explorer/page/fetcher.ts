// The explorer's API calls: POST to its own origin, with the session cookie and the headers of the headers editor.
import type { GraphiQLProps } from "graphiql";

/** A new function each time: GraphiQL fetches the schema again when its fetcher changes. */
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
    // A false match, such as in a comment, costs one more introspection.
    if (/\bmutation\b/.test(operation.query)) onMutation();
    return answer;
  };

/**
 * GraphiQL updates the operation name of a tab 100 ms late, and sends that of the previous tab until then:
 * leave it out.
 */
const nameIn = ({ query, operationName }: Operation): string | undefined =>
  operationName && new RegExp(`\\b${operationName}\\b`).test(query) ? operationName : undefined;

type Operation = Parameters<Fetcher>[0];
type Fetcher = GraphiQLProps["fetcher"];
