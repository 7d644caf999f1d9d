// What keeps a provider from logging anybody in, in words for operators: `graphward check` asks each what it says of itself.
import type { Configuration } from "openid-client";
import type { IdentityProvider } from "../../config/sign-in/identity-providers.ts";
import { discoverProvider } from "./client.ts";
import { createProviderFetch, ProviderUnreachable, type Reach } from "./fetch.ts";
import { gitHubApi } from "./github.ts";

export interface ProviderProblem {
  /** It may pass: the provider gave no answer that can be judged. */
  readonly mayPass: boolean;
  /** Ends a sentence that begins with the provider. One line. */
  readonly text: string;
}

/** Null: nothing is wrong. Each of the two requests takes 3 s at most. */
export async function findProviderProblem(
  settings: IdentityProvider,
  reach: Reach,
): Promise<ProviderProblem | null> {
  try {
    const metadata = (await discoverProvider(settings, reach)).serverMetadata();
    // It says nothing of itself, and its answers are signed by nobody.
    if (settings.kind === "github") return await findApiProblem(settings, reach);
    return findMetadataProblem(metadata) ?? (await findKeyProblem(metadata.jwks_uri ?? "", settings, reach));
  } catch (error) {
    return describe(error, settings);
  }
}

type Metadata = ReturnType<Configuration["serverMetadata"]>;

const findMetadataProblem = (metadata: Metadata): ProviderProblem | null => {
  const needed = ["authorization_endpoint", "token_endpoint", "jwks_uri"] as const;
  const missing = needed.filter((name) => metadata[name] === undefined);
  if (missing.length > 0) return lasting(`does not say its ${missing.join(", ")}`);
  const { code_challenge_methods_supported: methods } = metadata;
  // Some say nothing of it and accept it, such as Microsoft.
  return methods !== undefined && !methods.includes("S256")
    ? lasting("does not accept PKCE with S256")
    : null;
};

const findApiProblem = async (settings: IdentityProvider, reach: Reach): Promise<ProviderProblem | null> => {
  const { status } = await get(`${gitHubApi(settings.issuer)}/meta`, settings, reach);
  // Enterprise Server may ask for a token, and GitHub limits requests without one.
  if ([200, 401, 403, 429].includes(status)) return null;
  return { mayPass: status >= 500, text: `answers with status ${status}` };
};

const get = (address: string, { allowPrivateAddress }: IdentityProvider, reach: Reach): Promise<Response> => {
  const fetch = createProviderFetch({ ...reach, allowsPrivate: reach.allowsPrivate || allowPrivateAddress });
  const headers = { accept: "application/json" };
  return fetch(address, { method: "GET", headers, body: undefined, redirect: "manual" });
};

const findKeyProblem = async (
  address: string,
  settings: IdentityProvider,
  reach: Reach,
): Promise<ProviderProblem | null> => {
  const response = await get(address, settings, reach);
  const answer: unknown = await response.json().catch(() => null);
  const keys = typeof answer === "object" && answer !== null && "keys" in answer ? answer.keys : null;
  return response.ok && Array.isArray(keys) && keys.length > 0
    ? null
    : lasting(`gives no keys at ${address} (status ${response.status})`);
};

const lasting = (text: string): ProviderProblem => ({ mayPass: false, text });

const describe = (error: unknown, { issuer }: IdentityProvider): ProviderProblem => {
  const causes = causesOf(error);
  const ours = causes.find((cause) => cause instanceof ProviderUnreachable);
  if (ours !== undefined) return { mayPass: ours.message === "is too slow", text: ours.message };
  // The library names what differs, and its cause has what it got: a stranger's text, which stays out.
  if (codesOf(causes).includes("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"))
    return lasting(`has another issuer than ${issuer}`);
  const response = causes.find((cause) => cause instanceof Response);
  if (response !== undefined && response.status !== 200)
    return { mayPass: response.status >= 500, text: `answers with status ${response.status}` };
  if (codesOf(causes).some((code) => code.startsWith("OAUTH_")))
    return lasting("does not answer as a provider of OpenID Connect");
  return { mayPass: true, text: `cannot be reached: ${reasonOf(causes)}` };
};

/** The error, its cause and so on. */
const causesOf = (error: unknown): readonly unknown[] => {
  const causes: unknown[] = [];
  for (let next = error; next !== undefined && next !== null && causes.length < 10; ) {
    causes.push(next);
    next = next instanceof Error ? next.cause : undefined;
  }
  return causes;
};

const codesOf = (causes: readonly unknown[]): readonly string[] =>
  causes.flatMap((cause) =>
    cause instanceof Error && "code" in cause && typeof cause.code === "string" ? [cause.code] : [],
  );

/** The names that Node gives, such as ENOTFOUND and CERT_HAS_EXPIRED, and what OpenSSL says. */
const reasonOf = (causes: readonly unknown[]): string => {
  const last = causes.findLast((cause) => cause instanceof Error);
  const [code] = codesOf(causes).slice(-1);
  const text = (last?.message ?? "no reason").replaceAll(/\s+/g, " ").slice(0, 200);
  return code === undefined || text.includes(code) ? text : `${code}: ${text}`;
};
