// How the page talks to the server: with the cookie of the session, from another origin.
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedProtocolErrors } from "@apollo/client/errors";
import { ErrorLink } from "@apollo/client/link/error";
import { TASKS } from "./operations.ts";

export const uri = import.meta.env.VITE_API_URL ?? "http://localhost:4000/graphql";

/** `onLoggedOut`: the session has ended, here or in another tab. */
export const createClient = (onLoggedOut: () => void): ApolloClient => {
  const errors = new ErrorLink(({ error }) => {
    if (codeOf(error) === "UNAUTHENTICATED") onLoggedOut();
  });
  const fetchAndFollow: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    // A stream has opened. It has no events of the time before, so the tasks are asked for now.
    if (response.headers.get("content-type")?.startsWith("multipart/mixed"))
      void client.refetchQueries({ include: [TASKS] });
    return response;
  };
  // Without `credentials`, a browser sends no cookie to another origin, and keeps none.
  const http = new HttpLink({ uri, credentials: "include", fetch: fetchAndFollow });
  const client = new ApolloClient({ link: errors.concat(http), cache: new InMemoryCache() });
  return client;
};

/** The error of a response, or the one that ended a stream. */
const findError = (error: unknown) =>
  CombinedGraphQLErrors.is(error) || CombinedProtocolErrors.is(error) ? error.errors[0] : undefined;

const codeOf = (error: unknown): unknown => findError(error)?.extensions?.code;

/** When to open a stream again that has ended, in milliseconds. Null: the server would refuse it again. */
export const findRetryWait = (error: unknown): number | null => {
  const told = findError(error);
  // The connection was lost.
  if (told === undefined) return 5_000;
  const { retryAfter } = told.extensions ?? {};
  return typeof retryAfter === "number" ? retryAfter * 1_000 : null;
};

/** What a person reads: the broken rules where there are some. */
export const textOf = (error: unknown): string => {
  if (!CombinedGraphQLErrors.is(error)) return "The server cannot be reached. Please try again.";
  if (codeOf(error) === "REAUTHENTICATION_REQUIRED") return "Please log out and in again to do this.";
  const [first] = error.errors;
  const fields = (first?.extensions?.fields ?? []) as readonly { readonly message: string }[];
  return fields.map(({ message }) => message).join(" ") || (first?.message ?? "Something went wrong.");
};
