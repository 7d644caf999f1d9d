// The explorer's API calls: POST to its own origin, with the session cookie and the headers of the headers editor.
import type { GraphiQLProps } from "graphiql";
import { eventsOf } from "./events.ts";

/** A new function each time: GraphiQL fetches the schema again when its fetcher changes. */
export const createFetcher =
  ({ onMutation, onChallenge }: Listeners): Fetcher =>
  async (operation, options) => {
    // A subscription is answered by a stream, and everything else by JSON.
    const headers = new Headers({
      Accept: "application/json, text/event-stream",
      "Content-Type": "application/json",
    });
    for (const [name, value] of Object.entries(options?.headers ?? {})) headers.set(name, String(value));

    const response = await fetch("/graphql", {
      method: "POST",
      credentials: "same-origin",
      headers,
      body: JSON.stringify({ ...operation, operationName: nameIn(operation) }),
    });
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
    if (isStream && response.body !== null) return eventsOf(response.body);
    const answer = await response.json();
    // A false match, such as in a comment, costs one more introspection.
    if (/\bmutation\b/.test(operation.query)) onMutation();
    const pendingToken = findPendingToken(answer);
    if (pendingToken !== null) onChallenge(pendingToken);
    return answer;
  };

interface Listeners {
  readonly onMutation: () => void;
  /** A login was asked for one more proof. */
  readonly onChallenge: (pendingToken: string) => void;
}

/** Under any name: an operation may rename the field. */
const findPendingToken = ({ data }: Answer): string | null =>
  Object.values(data ?? {}).find((payload) => payload?.challenge)?.challenge?.pendingToken ?? null;

interface Answer {
  readonly data?: Readonly<
    Record<string, { readonly challenge?: { readonly pendingToken?: string } | null } | null>
  > | null;
}

/**
 * GraphiQL updates the operation name of a tab 100 ms late, and sends that of the previous tab until then:
 * leave it out.
 */
const nameIn = ({ query, operationName }: Operation): string | undefined =>
  operationName && new RegExp(`\\b${operationName}\\b`).test(query) ? operationName : undefined;

type Operation = Parameters<Fetcher>[0];
type Fetcher = GraphiQLProps["fetcher"];
