// The form to log in, or to register and log in.
import { useApolloClient, useMutation } from "@apollo/client/react";
import { type FormEvent, useState } from "react";
import { textOf } from "./client.ts";
import { LOG_IN, REGISTER } from "./operations.ts";
import { Providers } from "./providers.tsx";

export const LogIn = () => {
  const client = useApolloClient();
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [logIn, { loading: isLoggingIn }] = useMutation(LOG_IN);
  const [register, { loading: isRegistering }] = useMutation(REGISTER);
  const isWaiting = isLoggingIn || isRegistering;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [username, password, email] = ["username", "password", "email"].map((it) => String(form.get(it)));
    const account = { username: username ?? "", password: password ?? "" };
    try {
      if (isNew) await register({ variables: { input: { ...account, email: email ?? "" } } });
      await logIn({ variables: account });
      // Asks for the viewer again, now with the cookie.
      await client.resetStore();
    } catch (error) {
      setProblem(textOf(error));
    }
  };

  return (
    <main>
      <h1>Team tasks</h1>
      <form onSubmit={submit} aria-label={isNew ? "Register" : "Log in"}>
        <label>
          Username <input name="username" autoComplete="username" required />
        </label>
        {isNew && (
          <label>
            Email <input name="email" type="email" autoComplete="email" required />
          </label>
        )}
        <label>
          Password{" "}
          <input
            name="password"
            type="password"
            autoComplete={isNew ? "new-password" : "current-password"}
            required
          />
        </label>
        <button type="submit" disabled={isWaiting}>
          {isNew ? "Register" : "Log in"}
        </button>
        <button type="button" onClick={() => setIsNew(!isNew)}>
          {isNew ? "I have an account" : "I am new"}
        </button>
      </form>
      {problem && <p role="alert">{problem}</p>}
      <Providers />
    </main>
  );
};
