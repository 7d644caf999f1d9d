// How the page talks to the server: with the cookie of the session, from another origin.
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { ErrorLink } from "@apollo/client/link/error";

export const uri = import.meta.env.VITE_API_URL ?? "http://localhost:4000/graphql";

/** `onLoggedOut`: the session has ended, here or in another tab. */
export const createClient = (onLoggedOut: () => void): ApolloClient => {
  const errors = new ErrorLink(({ error }) => {
    if (codeOf(error) === "UNAUTHENTICATED") onLoggedOut();
  });
  // Without `credentials`, a browser sends no cookie to another origin, and keeps none.
  const http = new HttpLink({ uri, credentials: "include" });
  return new ApolloClient({ link: errors.concat(http), cache: new InMemoryCache() });
};

export const codeOf = (error: unknown): string | null =>
  CombinedGraphQLErrors.is(error) ? String(error.errors[0]?.extensions?.code) : null;

/** What a person reads: the broken rules where there are some. */
export const textOf = (error: unknown): string => {
  if (!CombinedGraphQLErrors.is(error)) return "The server cannot be reached. Please try again.";
  if (codeOf(error) === "REAUTHENTICATION_REQUIRED") return "Please log out and in again to do this.";
  const [first] = error.errors;
  const fields = (first?.extensions?.fields ?? []) as readonly { readonly message: string }[];
  return fields.map(({ message }) => message).join(" ") || (first?.message ?? "Something went wrong.");
};
