// One provider as an OpenID Connect client sees it: discovers it, writes the URL that a login goes to, and checks what comes back.
import type { Configuration, IDToken, ServerMetadata, UserInfoResponse } from "openid-client";
import type { IdentityProvider } from "../../config/sign-in/identity-providers.ts";
import { hours, toSeconds } from "../../time.ts";
import { isStorableText } from "../text/characters.ts";
import { appleMetadata, readAppleProfile, signAppleSecret } from "./apple.ts";
import { askForAuthentication, findAuthenticationTime } from "./authentication-time.ts";
import { createProviderFetch, maxProviderTime, ProviderUnreachable, type Reach } from "./fetch.ts";
import { gitHubMetadata, readGitHubUser, withGitHubErrors } from "./github.ts";

export interface ProviderClient {
  readonly settings: IdentityProvider;
  /** Where the browser comes back to: one for each provider. */
  readonly callbackUrl: string;
  /** `again`: asks the provider not to let its own session be enough. Throws ProviderFailure. */
  writeLoginUrl(secrets: LoginSecrets, options: { readonly again: boolean }): Promise<URL>;
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
  /** From the ID token alone, whose signature was checked. */
  readonly acr: unknown;
  readonly amr: unknown;
  /** When the user did something there to log in, by the ID token alone. Null: it does not say. */
  readonly authenticatedAt: Date | null;
  /** From the ID token, or from the user info if the token has no email. */
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
    writeLoginUrl: orFailure(async ({ state, nonce, verifier }, { again }) => {
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await loadLibrary();
      return buildAuthorizationUrl(await open(), {
        redirect_uri: callbackUrl,
        scope: settings.scopes.join(" "),
        state,
        ...(settings.kind !== "github" && { nonce }),
        // Apple refuses to tell the email otherwise.
        ...(settings.kind === "apple" && { response_mode: "form_post" }),
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(settings.acrValues.length > 0 && { acr_values: settings.acrValues.join(" ") }),
        ...askForAuthentication(settings, { again }),
      });
    }),
    readLogin: orFailure(async (search, { state, nonce, verifier }) => {
      const { authorizationCodeGrant } = await loadLibrary();
      const configuration = await open();
      const callback = new URL(callbackUrl + search);
      const checks = { pkceCodeVerifier: verifier, expectedState: state };
      if (settings.kind === "github") {
        const { access_token: token, scope } = await authorizationCodeGrant(configuration, callback, checks);
        const { issuer } = settings;
        const user = await readGitHubUser(configuration, { address: issuer, token, scope });
        return { issuer, ...user, acr: undefined, amr: undefined, authenticatedAt: null };
      }
      const tokens = await authorizationCodeGrant(configuration, callback, {
        ...checks,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const idToken = tokens.claims();
      if (idToken === undefined) throw new Error("The provider sent no ID token.");
      requireOwnParty(idToken, settings.clientId);
      requireSubject(idToken.sub);
      const profile =
        settings.kind === "apple"
          ? readAppleProfile(idToken)
          : await readProfile(configuration, idToken, tokens.access_token);
      const { iss: issuer, sub: subject, acr, amr } = idToken;
      const authenticatedAt = findAuthenticationTime(settings, idToken.auth_time);
      return { issuer, subject, acr, amr, authenticatedAt, profile };
    }),
  };
}

/** For `graphward check` too. Throws an error for operators. */
export async function discoverProvider(settings: IdentityProvider, reach: Reach): Promise<Configuration> {
  const library = await loadLibrary();
  const { allowInsecureRequests, ClientSecretBasic, ClientSecretPost, enableNonRepudiationChecks } = library;
  const { clientId, clientSecret, kind } = settings;
  const ownFetch = createProviderFetch({
    ...reach,
    allowsPrivate: reach.allowsPrivate || settings.allowPrivateAddress,
  });
  const fetch = kind === "github" ? withGitHubErrors(ownFetch) : ownFetch;
  const timeout = toSeconds(maxProviderTime);
  // The library's own check of https: ours lets http pass to this machine only, and in development only.
  const execute = reach.allowsLoopback ? [allowInsecureRequests] : [];
  const discover = async (): Promise<ServerMetadata> => {
    const options = { [library.customFetch]: fetch, timeout, execute };
    const found = await library.discovery(new URL(settings.issuer), clientId, undefined, undefined, options);
    const { supportsPKCE: _, ...metadata } = found.serverMetadata();
    // The library lets some providers, and the address of a discovery, have another issuer than the one that was asked.
    if (new URL(metadata.issuer).href !== new URL(settings.issuer).href)
      throw new ProviderUnreachable("has another issuer than the settings say");
    return metadata;
  };
  const metadata = knownMetadata(settings) ?? (await discover());
  const offered = metadata.id_token_signing_alg_values_supported ?? ["RS256"];
  const accepted = offered.filter((algorithm) => algorithms.includes(algorithm));
  if (accepted.length === 0) throw new ProviderUnreachable("signs with no algorithm that is accepted");
  // RFC 8414, section 2: without a list, it is Basic.
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const withSecret = methods.includes("client_secret_basic") ? ClientSecretBasic : ClientSecretPost;
  const configuration = new library.Configuration(
    { ...metadata, id_token_signing_alg_values_supported: accepted },
    clientId,
    {},
    typeof clientSecret === "string" ? withSecret(clientSecret) : signAppleSecret(settings, clientSecret),
  );
  configuration[library.customFetch] = fetch;
  configuration.timeout = timeout;
  for (const extension of execute) extension(configuration);
  // By itself, the library checks no signature of a token that came over TLS.
  enableNonRepudiationChecks(configuration);
  return configuration;
}

const knownMetadata = ({ kind, issuer }: IdentityProvider): ServerMetadata | null => {
  if (kind === "github") return gitHubMetadata(issuer);
  return kind === "apple" ? appleMetadata(issuer) : null;
};

/** 20 ms to load, so only with the first login. */
const loadLibrary = () => import("openid-client");

/** OpenID Connect Core, section 3.1.3.7: also with one audience, which the library does not look at. */
const requireOwnParty = ({ azp }: IDToken, clientId: string): void => {
  if (azp !== undefined && azp !== clientId) throw new Error("The ID token was issued to another client.");
};

/** PostgreSQL would refuse some of these, and the driver would write two broken texts as one. */
const requireSubject = (subject: string): void => {
  if (subject.length > maxSubjectLength) throw new Error("The subject is too long.");
  if (subject.trim() === "" || !isStorableText(subject)) throw new Error("The subject is no text.");
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
      const code = findErrorCode(error);
      const cause = code === null ? error : new Error(`The provider says ${code}.`, { cause: error });
      throw new ProviderFailure(cause, denials.includes(code));
    }
  };

/** RFC 6749, section 4.1.2.1, and Apple's own. */
const denials: readonly unknown[] = ["access_denied", "user_cancelled_authorize"];

/** For the log, so no other text of the provider. */
const findErrorCode = (error: unknown): string | null => {
  const code = error instanceof Error && "error" in error ? error.error : null;
  return typeof code === "string" && /^[a-z_]{1,50}$/.test(code) ? code : null;
};
