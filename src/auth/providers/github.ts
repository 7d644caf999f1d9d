// GitHub as a provider: OAuth without an ID token, so its API tells who has logged in. Also GitHub Enterprise.
import type { Configuration, CustomFetch, ServerMetadata } from "openid-client";

/** The issuer of the metadata is what GitHub sends as `iss` (RFC 9207). Enterprise Server does not send it, so it may be missing. */
export const gitHubMetadata = (address: string): ServerMetadata => ({
  issuer: `${address}/login/oauth`,
  authorization_endpoint: `${address}/login/oauth/authorize`,
  token_endpoint: `${address}/login/oauth/access_token`,
  token_endpoint_auth_methods_supported: ["client_secret_post"],
});

/** Enterprise Server has it below its own address. */
export const gitHubApi = (address: string): string => {
  const { host } = new URL(address);
  return host === "github.com" || host.endsWith(".ghe.com") ? `https://api.${host}` : `${address}/api/v3`;
};

/** GitHub refuses a code with status 200; so that the log says why, it is an error like those of others. */
export const withGitHubErrors =
  (fetch: CustomFetch): CustomFetch =>
  async (url, options) => {
    const response = await fetch(url, options);
    if (response.status !== 200 || !url.endsWith("/login/oauth/access_token")) return response;
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    const isError = typeof body === "object" && body !== null && "error" in body;
    return isError ? Response.json(body, { status: 400 }) : response;
  };

export interface GitHubUser {
  readonly subject: string;
  /** As the claims of an ID token would have it. */
  readonly profile: Readonly<Record<string, unknown>>;
}

export async function readGitHubUser(
  configuration: Configuration,
  {
    address,
    token,
    scope,
  }: { readonly address: string; readonly token: string; readonly scope: string | undefined },
): Promise<GitHubUser> {
  const ask = async (path: string) => {
    const { fetchProtectedResource } = await import("openid-client");
    const url = new URL(gitHubApi(address) + path);
    return fetchProtectedResource(configuration, token, url, "GET", null, new Headers(apiHeaders));
  };
  const user = await readJson(await ask("/user"));
  const { id, login, name } = user as { readonly [field in "id" | "login" | "name"]?: unknown };
  // Never the login: whoever gives it up leaves it to the next one.
  if (!Number.isSafeInteger(id) || Number(id) <= 0) throw new Error("GitHub has sent a user without an id.");
  const emails = await ask("/user/emails?per_page=100");
  // The user may grant less than we ask, and an app of GitHub's own kind has permissions in the place of scopes.
  const mayBeRefused = !/(?:^|[\s,])user(?::email)?(?:$|[\s,])/.test(scope ?? "");
  const isRefused = mayBeRefused && [403, 404].includes(emails.status);
  const profile = { name, preferred_username: login, ...(!isRefused && primaryOf(await readJson(emails))) };
  return { subject: String(id), profile };
}

const apiHeaders = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };

const readJson = async (response: Response): Promise<object> => {
  if (response.status !== 200) throw new Error(`GitHub's API has answered with status ${response.status}.`);
  const json: unknown = await response.json();
  if (typeof json !== "object" || json === null) throw new Error("GitHub's API has answered with no object.");
  return json;
};

/** The other addresses are nobody's business. */
const primaryOf = (emails: object): Readonly<Record<string, unknown>> => {
  const primary = Array.isArray(emails) ? emails.find((it) => it?.primary === true) : null;
  const { email, verified } = primary ?? {};
  // No mail comes there, so nobody could ever prove it or reset a password.
  if (typeof email !== "string" || /@users\.noreply\./i.test(email)) return {};
  return { email, email_verified: verified === true };
};
