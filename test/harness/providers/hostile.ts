// A provider (`oauth2-mock-server`) that tells one lie: in its discovery, on the way back, in its tokens.
import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { OAuth2Server } from "oauth2-mock-server";

type Json = Record<string, unknown>;

export interface Lie {
  readonly discovery?: (metadata: Json) => void;
  /** Changes the way back to the application. */
  readonly redirect?: (url: URL) => void;
  readonly claims?: (claims: Json) => void;
  readonly header?: Json;
  /** Signs in the place of the provider's own key. `none`: an empty signature. */
  readonly key?: KeyObject | "none" | { readonly hmac: string };
  readonly userInfo?: Json;
}

export interface HostileProvider {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  lie: Lie;
  close(): Promise<void>;
}

export const otherKey = (): KeyObject => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

export const startHostileProvider = async (id: string): Promise<HostileProvider> => {
  const server = new OAuth2Server();
  const jwk = await server.issuer.keys.generate("RS256");
  const [own] = server.issuer.keys.toJSON(true);
  const ownKey = createPrivateKey({ key: own ?? jwk, format: "jwk" });
  await server.start(0, "localhost");
  const issuer = server.issuer.url ?? "";
  server.service.on("beforeWellKnownOpenIdConfiguration", ({ body }: { body: Json }) => {
    hostile.lie.discovery?.(body);
  });
  server.service.on("beforeAuthorizeRedirect", ({ url }: { url: URL }) => hostile.lie.redirect?.(url));
  server.service.on("beforeResponse", ({ body }: { body: Json }) => {
    body.id_token = forge(String(body.id_token), hostile.lie, { ownKey, kid: jwk.kid });
  });
  server.service.on("beforeUserinfo", (answer: { body: Json }) => {
    answer.body = hostile.lie.userInfo ?? { sub: subject };
  });
  const hostile: HostileProvider = {
    issuer,
    entry: { id, name: `Provider ${id}`, issuer, clientId, clientSecret: "a secret that is not checked" },
    lie: {},
    close: () => server.stop(),
  };
  return hostile;
};

export const clientId = "the client";
export const subject = "johndoe";

const forge = (
  token: string,
  { claims: change, header, key }: Lie,
  { ownKey, kid }: { readonly ownKey: KeyObject; readonly kid: string },
): string => {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  Object.assign(claims, { sub: subject, aud: clientId });
  change?.(claims);
  const parts = [{ alg: "RS256", kid, ...header }, claims];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${signatureOf(signed, key ?? ownKey)}`;
};

const signatureOf = (signed: string, key: NonNullable<Lie["key"]>): string => {
  if (key === "none") return "";
  if ("hmac" in key) return createHmac("sha256", key.hmac).update(signed).digest("base64url");
  return sign("sha256", Buffer.from(signed), key).toString("base64url");
};
