// Links that log in with a provider, where the server offers any.
import { useQuery } from "@apollo/client/react";
import { uri } from "./client.ts";
import { LOGIN_PROVIDERS } from "./operations.ts";

export const Providers = () => {
  const { data } = useQuery(LOGIN_PROVIDERS);
  return data?.loginMethods.providers.map(({ id, name }) => {
    const login = new URL(`/login/${id}`, uri);
    // Back to this page, which then has the cookie of the session.
    login.searchParams.set("return_to", location.href);
    return (
      <p key={id}>
        <a href={login.href}>Log in with {name}</a>
      </p>
    );
  });
};
