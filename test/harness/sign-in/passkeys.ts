// An authenticator in software, whose every field can be falsified, and users who have passkeys in it.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { LoginMode } from "../../../src/testing/client.ts";
import {
  AddPasskeyDocument,
  LogInForPasskeyDocument,
  LoginWithPasskeyDocument,
  StartPasskeyDocument,
  StartPasskeyLoginDocument,
} from "../../operations/generated/graphql.ts";
import { Client } from "../client.ts";
import { note } from "../logs/canaries.ts";
import type { App, User } from "../server.ts";

export type Algorithm = "EdDSA" | "ES256" | "RS256";

/** What the authenticator keeps. */
export interface Key {
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly cose: Buffer;
  readonly credentialId: Buffer;
  readonly userHandle: string;
  /** Rises by one with each use. Null: an authenticator without a counter. */
  counter: number | null;
  readonly backupEligible: boolean;
  backedUp: boolean;
}

interface Options {
  readonly challenge: string;
  readonly rpId: string;
  readonly origin: string;
}

/** Each field as an honest browser and authenticator would not have it. */
export interface Lies {
  readonly type?: string;
  readonly challenge?: unknown;
  readonly origin?: string;
  readonly crossOrigin?: unknown;
  readonly topOrigin?: unknown;
  readonly rpId?: string;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  readonly backupEligible?: boolean;
  readonly backedUp?: boolean;
  readonly counter?: number;
  readonly userHandle?: string | null;
  readonly credentialId?: Buffer;
  /** Signs in the place of the passkey's own key. */
  readonly signer?: Key;
  readonly fmt?: string;
  /** Parts of what an attestation signs. */
  readonly attStmt?: (signed: Buffer, key: Key) => ReadonlyMap<unknown, unknown>;
  readonly cose?: Buffer;
}

export const createKey = (
  userHandle: string,
  {
    algorithm = "ES256" as Algorithm,
    counter = null as number | null,
    backupEligible = false,
    backedUp = false,
  } = {},
): Key => {
  const { publicKey, privateKey } = keyPairOf(algorithm);
  const credentialId = randomBytes(32);
  const cose = coseOf(algorithm, publicKey);
  return { algorithm, privateKey, cose, credentialId, userHandle, counter, backupEligible, backedUp };
};

/** The JSON of a credential that `navigator.credentials.create` returns. */
export const attest = (key: Key, { challenge, rpId, origin }: Options, lies: Lies = {}) => {
  const credentialId = lies.credentialId ?? key.credentialId;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(credentialId.length);
  const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, lies.cose ?? key.cose]);
  const authData = authenticatorData(key, rpId, { isAttested: true, counter: key.counter ?? 0 }, lies);
  const clientData = clientDataOf("webauthn.create", { challenge, origin }, lies);
  const all = Buffer.concat([authData, attested]);
  const signed = Buffer.concat([all, createHash("sha256").update(clientData).digest()]);
  const attestationObject = cbor(
    new Map<unknown, unknown>([
      ["fmt", lies.fmt ?? "none"],
      ["attStmt", lies.attStmt?.(signed, key) ?? new Map()],
      ["authData", all],
    ]),
  );
  const id = credentialId.toString("base64url");
  return {
    id,
    rawId: id,
    type: "public-key",
    clientExtensionResults: {},
    response: {
      clientDataJSON: clientData.toString("base64url"),
      attestationObject: attestationObject.toString("base64url"),
      transports: ["internal", "hybrid"],
    },
  };
};

/** The JSON of a credential that `navigator.credentials.get` returns. */
export const assert = (key: Key, { challenge, rpId, origin }: Options, lies: Lies = {}) => {
  if (key.counter !== null && lies.counter === undefined) key.counter += 1;
  const counter = key.counter ?? 0;
  const authData = authenticatorData(key, rpId, { isAttested: false, counter }, lies);
  const clientData = clientDataOf("webauthn.get", { challenge, origin }, lies);
  const signed = Buffer.concat([authData, createHash("sha256").update(clientData).digest()]);
  const signer = lies.signer ?? key;
  const signature = sign(signer.algorithm === "EdDSA" ? null : "sha256", signed, signer.privateKey);
  const id = (lies.credentialId ?? key.credentialId).toString("base64url");
  return {
    id,
    rawId: id,
    type: "public-key",
    clientExtensionResults: {},
    response: {
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: authData.toString("base64url"),
      signature: signature.toString("base64url"),
      userHandle: lies.userHandle === undefined ? key.userHandle : lies.userHandle,
    },
  };
};

export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
  readonly excludeCredentials: readonly { readonly id: string }[];
}

export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly allowCredentials: readonly { readonly id: string }[];
}

export interface WithPasskey {
  readonly user: User;
  /** The session that added it. */
  readonly client: Client;
  readonly key: Key;
  readonly id: string;
  readonly recoveryCodes: readonly string[];
}

export const startPasskey = async (client: Client): Promise<CreationOptions> => {
  const started = await client.run(StartPasskeyDocument);
  const options = started.data?.startPasskey?.options;
  if (!options) throw new Error(`startPasskey failed: ${started.text}`);
  return options as unknown as CreationOptions;
};

type Making = NonNullable<Parameters<typeof createKey>[1]>;

/** One more passkey for a client that is logged in. */
export const addPasskey = async (app: App, client: Client, making: Making = {}) => {
  const { challenge, rp, user } = await startPasskey(client);
  const key = createKey(user.id, making);
  const response = attest(key, { challenge, rpId: rp.id, origin: app.origin });
  const added = (await client.run(AddPasskeyDocument, { response })).data?.addPasskey;
  if (!added) throw new Error("addPasskey failed.");
  for (const code of added.recoveryCodes ?? []) note("second factor", code);
  return { key, id: added.passkey.id, recoveryCodes: added.recoveryCodes ?? [] };
};

export const enrolPasskey = async (app: App, user: User, making: Making = {}): Promise<WithPasskey> => {
  const client = new Client(app);
  await client.logIn(user);
  return { user, client, ...(await addPasskey(app, client, making)) };
};

/** Begins a login without a name. */
export const beginPasskeyLogin = async (app: App, client = new Client(app)) => {
  const started = (await client.run(StartPasskeyLoginDocument)).data?.startPasskeyLogin;
  if (!started) throw new Error("startPasskeyLogin failed.");
  note("token", started.pendingToken);
  const options = started.options as unknown as RequestOptions;
  return { client, pendingToken: started.pendingToken, options: { ...options, origin: app.origin } };
};

/** The whole login without a name. */
export const logInWithPasskey = async (
  app: App,
  key: Key,
  lies: Lies = {},
  { client = new Client(app), mode = "SESSION_AND_TOKEN" as LoginMode } = {},
) => {
  const { pendingToken, options } = await beginPasskeyLogin(app, client);
  const response = assert(key, options, lies);
  const answer = await client.run(LoginWithPasskeyDocument, { pendingToken, response, mode });
  client.token = answer.data?.loginWithPasskey?.token ?? null;
  return { client, answer };
};

/** Gives the password, and returns the login that waits. */
export const beginSecondStep = async (app: App, user: User, client = new Client(app)) => {
  const { username, password } = user;
  const answer = await client.run(LogInForPasskeyDocument, { username, password });
  const challenge = answer.data?.login?.challenge;
  if (!challenge) throw new Error(`The login was not asked for a second factor: ${answer.text}`);
  note("token", challenge.pendingToken);
  const options = challenge.passkeyOptions as unknown as RequestOptions;
  return {
    client,
    pendingToken: challenge.pendingToken,
    methods: challenge.methods,
    options: options && { ...options, origin: app.origin },
  };
};

const keyPairOf = (algorithm: Algorithm) => {
  if (algorithm === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519");
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
};

/** RFC 9053: 1 is the kind of key, 3 the algorithm, the rest its numbers. */
const coseOf = (algorithm: Algorithm, publicKey: KeyObject): Buffer => {
  const { x = "", y = "", n = "", e = "" } = publicKey.export({ format: "jwk" });
  const bytes = (text: string) => Buffer.from(text, "base64url");
  const entries: Record<Algorithm, [number, unknown][]> = {
    ES256: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ],
    EdDSA: [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(x)],
    ],
    RS256: [
      [1, 3],
      [3, -257],
      [-1, bytes(n)],
      [-2, bytes(e)],
    ],
  };
  return cbor(new Map<unknown, unknown>(entries[algorithm]));
};

const authenticatorData = (
  key: Key,
  rpId: string,
  { isAttested, counter }: { readonly isAttested: boolean; readonly counter: number },
  lies: Lies,
): Buffer => {
  const flags =
    (lies.userPresent === false ? 0 : 0x01) |
    (lies.userVerified === false ? 0 : 0x04) |
    ((lies.backupEligible ?? key.backupEligible) ? 0x08 : 0) |
    ((lies.backedUp ?? key.backedUp) ? 0x10 : 0) |
    (isAttested ? 0x40 : 0);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(lies.counter ?? counter);
  const site = createHash("sha256")
    .update(lies.rpId ?? rpId)
    .digest();
  return Buffer.concat([site, Buffer.from([flags]), count]);
};

const clientDataOf = (
  type: string,
  { challenge, origin }: { readonly challenge: string; readonly origin: string },
  lies: Lies,
): Buffer =>
  Buffer.from(
    JSON.stringify({
      type: lies.type ?? type,
      challenge: "challenge" in lies ? lies.challenge : challenge,
      origin: lies.origin ?? origin,
      crossOrigin: "crossOrigin" in lies ? lies.crossOrigin : false,
      ...("topOrigin" in lies && { topOrigin: lies.topOrigin }),
    }),
  );

/** RFC 8949, as much of it as WebAuthn needs. */
export const cbor = (value: unknown): Buffer => {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, it]) => [cbor(key), cbor(it)])]);
  throw new Error("cbor() was given a value that it does not write.");
};

const head = (kind: number, length: number): Buffer => {
  if (length < 24) return Buffer.from([(kind << 5) | length]);
  if (length < 0x100) return Buffer.from([(kind << 5) | 24, length]);
  return Buffer.from([(kind << 5) | 25, length >> 8, length & 0xff]);
};
