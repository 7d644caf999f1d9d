// One provider as an OpenID Connect client sees it: discovers it, writes the URL that a login goes to, and checks what comes back.
import type { Configuration, IDToken, UserInfoResponse } from "openid-client";
import type { IdentityProvider } from "../../config/identity-providers.ts";
import { hours, toSeconds } from "../../time.ts";
import { createProviderFetch, maxProviderTime, ProviderUnreachable, type Reach } from "./fetch.ts";

export interface ProviderClient {
  readonly settings: IdentityProvider;
  /** Where the browser comes back to: one for each provider. */
  readonly callbackUrl: string;
  /** Throws ProviderFailure. */
  writeLoginUrl(secrets: LoginSecrets): Promise<URL>;
  /** `search`: the query of the callback. Throws ProviderFailure for everything that is not a login just now. */
  readLogin(search: string, secrets: LoginSecrets): Promise<ProviderClaims>;
}

/** Each 32 random bytes, and used once. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Only `iss`, `sub`, `acr` and `amr` are of a known type. */
export interface ProviderClaims {
  readonly issuer: string;
  readonly subject: string;
  /** Of the ID token alone, whose signature was checked. */
  readonly acr: unknown;
  readonly amr: unknown;
  /** Of the ID token, or of the user info if the token has no email. */
  readonly profile: Readonly<Record<string, unknown>>;
}

/** The login does not go on. Its cause is for the log; the browser is told nothing of it. */
export class ProviderFailure extends Error {
  /** Whether the user has said no at the provider. */
  readonly isDenied: boolean;

  constructor(cause: unknown, isDenied = false) {
    super("The login with the provider has failed.", { cause });
    this.isDenied = isDenied;
  }
}

/** No `none`, nothing symmetric: with `HS256`, whoever reads the public key could sign with it. */
const algorithms: readonly string[] = [
  ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
].flat();

/** How long what a provider says of itself is kept. Its keys are asked for again when a token names an unknown one. */
const metadataLifetime = hours(1);

/** OpenID Connect Core, section 2. */
const maxSubjectLength = 255;

export function createProviderClient(
  settings: IdentityProvider,
  { publicUrl, reach }: { readonly publicUrl: URL; readonly reach: Reach },
): ProviderClient {
  const callbackUrl = `${publicUrl.origin}/login/${settings.id}/callback`;
  const open = keepFor(metadataLifetime, () => discoverProvider(settings, reach));
  return {
    settings,
    callbackUrl,
    writeLoginUrl: orFailure(async ({ state, nonce, verifier }) => {
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await loadLibrary();
      return buildAuthorizationUrl(await open(), {
        redirect_uri: callbackUrl,
        scope: settings.scopes.join(" "),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(settings.acrValues.length > 0 && { acr_values: settings.acrValues.join(" ") }),
      });
    }),
    readLogin: orFailure(async (search, { state, nonce, verifier }) => {
      const { authorizationCodeGrant } = await loadLibrary();
      const configuration = await open();
      const tokens = await authorizationCodeGrant(configuration, new URL(callbackUrl + search), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const idToken = tokens.claims();
      if (idToken === undefined) throw new Error("The provider sent no ID token.");
      requireOwnParty(idToken, settings.clientId);
      if (idToken.sub.length > maxSubjectLength) throw new Error("The subject is too long.");
      const profile = await readProfile(configuration, idToken, tokens.access_token);
      const { iss: issuer, sub: subject, acr, amr } = idToken;
      return { issuer, subject, acr, amr, profile };
    }),
  };
}

/** For `graphward check` too. Throws an error for operators. */
export async function discoverProvider(settings: IdentityProvider, reach: Reach): Promise<Configuration> {
  const library = await loadLibrary();
  const { allowInsecureRequests, ClientSecretBasic, ClientSecretPost, enableNonRepudiationChecks } = library;
  const { clientId, clientSecret } = settings;
  const fetch = createProviderFetch({
    ...reach,
    allowsPrivate: reach.allowsPrivate || settings.allowPrivateAddress,
  });
  const timeout = toSeconds(maxProviderTime);
  // The library's own check of https: ours lets http pass to this machine only, and in development only.
  const execute = reach.allowsLoopback ? [allowInsecureRequests] : [];
  const found = await library.discovery(new URL(settings.issuer), clientId, undefined, undefined, {
    [library.customFetch]: fetch,
    timeout,
    execute,
  });
  const { supportsPKCE: _, ...metadata } = found.serverMetadata();
  // The library lets some providers have another issuer than the one that was asked.
  if (new URL(metadata.issuer).href !== new URL(settings.issuer).href)
    throw new ProviderUnreachable("has another issuer than the settings say");
  const offered = metadata.id_token_signing_alg_values_supported ?? ["RS256"];
  const accepted = offered.filter((algorithm) => algorithms.includes(algorithm));
  if (accepted.length === 0) throw new ProviderUnreachable("signs with no algorithm that is accepted");
  // RFC 8414, section 2: without a list, it is Basic.
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const authenticate = methods.includes("client_secret_basic") ? ClientSecretBasic : ClientSecretPost;
  const configuration = new library.Configuration(
    { ...metadata, id_token_signing_alg_values_supported: accepted },
    clientId,
    {},
    authenticate(clientSecret),
  );
  configuration[library.customFetch] = fetch;
  configuration.timeout = timeout;
  for (const extension of execute) extension(configuration);
  // By itself, the library checks no signature of a token that came over TLS.
  enableNonRepudiationChecks(configuration);
  return configuration;
}

/** 20 ms to load, so only with the first login. */
const loadLibrary = () => import("openid-client");

/** OpenID Connect Core, section 3.1.3.7: also with one audience, which the library does not look at. */
const requireOwnParty = ({ azp }: IDToken, clientId: string): void => {
  if (azp !== undefined && azp !== clientId) throw new Error("The ID token was issued to another client.");
};

const readProfile = async (
  configuration: Configuration,
  idToken: IDToken,
  accessToken: string,
): Promise<Readonly<Record<string, unknown>>> => {
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  if (idToken.email !== undefined || endpoint === undefined) return { ...idToken };
  const { fetchUserInfo } = await loadLibrary();
  // The subject must be the token's: otherwise the answer may be about another user.
  const info: UserInfoResponse = await fetchUserInfo(configuration, accessToken, idToken.sub);
  return { ...idToken, ...info };
};

/** Those who wait share one call. A failure is not kept. */
const keepFor = <Value>(lifetime: number, open: () => Promise<Value>): (() => Promise<Value>) => {
  let kept: { readonly value: Promise<Value>; readonly until: number } | null = null;
  return () => {
    if (kept !== null && performance.now() < kept.until) return kept.value;
    const value = open();
    const mine = { value, until: performance.now() + lifetime };
    kept = mine;
    value.catch(() => {
      if (kept === mine) kept = null;
    });
    return value;
  };
};

const orFailure =
  <Given extends readonly unknown[], Value>(work: (...given: Given) => Promise<Value>) =>
  async (...given: Given): Promise<Value> => {
    try {
      return await work(...given);
    } catch (error) {
      throw new ProviderFailure(error, isDenial(error));
    }
  };

/** RFC 6749, section 4.1.2.1. */
const isDenial = (error: unknown): boolean =>
  error instanceof Error && "error" in error && error.error === "access_denied";
