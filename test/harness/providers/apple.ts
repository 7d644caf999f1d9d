// Apple, as its documentation describes it, on `oidc-provider`: it answers with a form, and its client secret is a JWT that a key signs.
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { note } from "../logs/canaries.ts";
import { type HonestProvider, startHonestProvider } from "./honest.ts";

export interface Apple extends HonestProvider {
  /** The client secrets that it was sent, with what it thought of each. */
  readonly secrets: { readonly secret: string; readonly problem: string | null }[];
}

const [teamId, keyId] = ["DEF123GHIJ", "ABC123DEFG"];

/** Apple says no to those that are valid for longer. */
const sixMonths = 15_777_000;

/** `host`: for a real browser, another site than ours. */
export const startApple = async (id: string, callback: string, host = "localhost"): Promise<Apple> => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const publicKey = createPublicKey(privateKey);
  const secrets: Apple["secrets"][number][] = [];

  const findProblem = async (secret: string, issuer: string, clientId: string): Promise<string | null> => {
    try {
      const { alg, kid } = decodeProtectedHeader(secret);
      if (alg !== "ES256" || kid !== keyId) return "The header is wrong.";
      const { payload } = await jwtVerify(secret, publicKey, {
        algorithms: ["ES256"],
        issuer: teamId,
        subject: clientId,
        audience: issuer,
        requiredClaims: ["iat", "exp"],
      });
      return Number(payload.exp) - Number(payload.iat) > sixMonths ? "It lives too long." : null;
    } catch (error) {
      return String(error);
    }
  };

  const honest = await startHonestProvider(id, callback, {
    host,
    method: "client_secret_post",
    configuration: {
      routes: { authorization: "/auth/authorize", token: "/auth/token", jwks: "/auth/keys" },
      // Apple has no user info.
      conformIdTokenClaims: false,
    },
    async prepare(request, response, { issuer, clientId, clientSecret }) {
      const url = new URL(request.url ?? "", issuer);
      if (url.pathname === "/auth/authorize") return takesForms(url, response);
      // Its discovery has led elsewhere.
      if (url.pathname.startsWith("/.well-known/")) {
        response.writeHead(302, { location: "https://account.apple.example/" }).end();
        return false;
      }
      if (url.pathname !== "/auth/token") return true;
      const form = await readForm(request);
      const secret = form.get("client_secret") ?? "";
      note("token", secret);
      const problem = await findProblem(secret, issuer, clientId);
      secrets.push({ secret, problem });
      // `oidc-provider` knows another secret, which nobody else does.
      form.set("client_secret", problem === null ? clientSecret : "wrong");
      Object.assign(request, { body: Object.fromEntries(form) });
      return true;
    },
  });
  const { clientId, issuer } = honest.entry;
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  note("password", pem.split("\n")[1] ?? "");
  return Object.assign(honest, {
    entry: { id, preset: "apple", issuer, clientId, teamId, keyId, privateKey: pem },
    secrets,
  });
};

/** "When requesting name or email, the response mode must be form_post." */
const takesForms = ({ searchParams: asked }: URL, response: ServerResponse): boolean => {
  const wantsMore = /name|email/.test(asked.get("scope") ?? "");
  if (!wantsMore || asked.get("response_mode") === "form_post") return true;
  response.writeHead(400).end("response_mode must be form_post when name or email scope is requested.");
  return false;
};

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
};
