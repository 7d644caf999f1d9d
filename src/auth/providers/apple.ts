// Apple as a provider: OpenID Connect, but with a secret that our key signs, and an answer that comes as a form.
import type { ClientAuth, ServerMetadata } from "openid-client";
import type { AppleKey } from "../../config/sign-in/provider-presets.ts";

/**
 * As Apple's documentation has it. Not discovered: in June 2025 its discovery named an issuer that its tokens did not have, and led
 * elsewhere.
 */
export const appleMetadata = (issuer: string): ServerMetadata => ({
  issuer,
  authorization_endpoint: `${issuer}/auth/authorize`,
  token_endpoint: `${issuer}/auth/token`,
  jwks_uri: `${issuer}/auth/keys`,
  id_token_signing_alg_values_supported: ["RS256"],
});

/** For one request, so it lasts no longer: Apple would take half a year. */
const secretLifetime = "5 minutes";

/** A new secret for each request. */
export const signAppleSecret =
  ({ issuer, clientId }: { readonly issuer: string; readonly clientId: string }, key: AppleKey): ClientAuth =>
  async (_server, _client, body) => {
    const { SignJWT } = await import("jose");
    const secret = await new SignJWT()
      .setProtectedHeader({ alg: "ES256", kid: key.keyId })
      .setIssuer(key.teamId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime(secretLifetime)
      .sign(key.privateKey);
    body.set("client_id", clientId);
    body.set("client_secret", secret);
  };

/** Apple documents that it writes the boolean as a text too. These two alone: any other text is not true, and `"false"` least. */
export const readAppleProfile = (
  claims: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  ...claims,
  email_verified: claims.email_verified === true || claims.email_verified === "true",
});
