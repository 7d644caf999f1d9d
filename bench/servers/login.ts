// Logs in to Graphward and its peers, and returns the request headers of a logged-in client.
import { randomBytes } from "node:crypto";
import type { Server } from "./server.ts";

export interface Account {
  readonly username: string;
  readonly password: string;
}

export interface Credentials {
  readonly token: string;
  readonly cookie: string;
}

export const makeAccount = (): Account => ({
  username: "alice",
  password: randomBytes(24).toString("base64url"),
});

/** The mutation of Graphward and of the peer with express-session. */
export const loginMutation =
  "mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { token } }";

interface LoginAnswer {
  readonly data?: { readonly login: { readonly token: string } | null };
}

export const logIn = async ({ url }: Pick<Server, "url">, variables: Account): Promise<Credentials> => {
  const { text, cookies } = await post(url, { query: loginMutation, variables });
  const token = (JSON.parse(text) as LoginAnswer).data?.login?.token;
  if (!token || !cookies) throw new Error(`The login at ${url} failed: ${text}`);
  return { token: `Bearer ${token}`, cookie: cookies };
};

/** In better-auth, signing up also logs in. */
export const signUpAtBetterAuth = async (
  { url }: Pick<Server, "url">,
  { username, password }: Account,
): Promise<Credentials> => {
  const body = { name: username, email: `${username}@example.com`, password };
  // Node's fetch sends browser headers, and better-auth then requires an Origin.
  const { href, origin } = new URL("/api/auth/sign-up/email", url);
  const { text, cookies } = await post(href, body, { origin });
  const { token } = JSON.parse(text) as { readonly token?: string };
  if (!token || !cookies) throw new Error(`The registration at ${url} failed: ${text}`);
  return { token: `Bearer ${token}`, cookie: cookies };
};

const post = async (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${text}`);
  const cookies = response.headers.getSetCookie().map((line) => line.split(";", 1)[0]);
  return { text, cookies: cookies.join("; ") };
};
