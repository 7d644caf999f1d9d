// A real OpenID Connect provider (`oidc-provider`) whose user is chosen by the test and never asked for a password.
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import Provider from "oidc-provider";
import { findFreePort } from "../../../src/testing/ports.ts";
import { note } from "../logs/canaries.ts";

/** The claims of a person, as the provider knows them. */
export interface ProviderPerson {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

export interface HonestProvider {
  readonly issuer: string;
  /** Its entry in IDENTITY_PROVIDERS. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** Who logs in next. Null: the user says no. */
  person: ProviderPerson | null;
  /** What the next login proves, as `acr` and `amr`; and when that was, in seconds. */
  proves: { readonly acr?: string; readonly amr?: readonly string[]; readonly ts?: number };
  close(): Promise<void>;
}

export const newPerson = (claims: Readonly<Record<string, unknown>> = {}): ProviderPerson => ({
  sub: crypto.randomUUID(),
  ...claims,
});

export interface ProviderManners {
  readonly host?: string;
  readonly method?: string;
  /** Settings of `oidc-provider`, beside ours. */
  readonly configuration?: object;
  /** Asked before each request. False: it has answered. */
  readonly prepare?: (
    request: IncomingMessage,
    response: ServerResponse,
    client: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string },
  ) => Promise<boolean>;
}

/** `callback`: where it may send browsers back to. */
export const startHonestProvider = async (
  id: string,
  callback: string,
  {
    host = "localhost",
    method = "client_secret_basic",
    configuration = {},
    prepare = async () => true,
  }: ProviderManners = {},
): Promise<HonestProvider> => {
  const port = await findFreePort();
  const issuer = `http://${host}:${port}`;
  const people = new Map<string, ProviderPerson>();
  const [clientId, clientSecret] = [`client-of-${id}`, randomBytes(24).toString("hex")];
  note("password", clientSecret);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [callback],
        token_endpoint_auth_method: method,
      },
    ],
    cookies: { keys: [randomBytes(24).toString("hex")] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    acrValues: ["gold", "silver"],
    claims: {
      acr: null,
      amr: null,
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username", "locale"],
    },
    ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => people.get(sub) ?? { sub } }),
    loadExistingGrant: async ({ oidc }: GrantContext) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    ...configuration,
  });
  const handle = provider.callback();
  const interact = async (request: IncomingMessage, response: ServerResponse) => {
    const { person, proves } = honest;
    if (person !== null) people.set(person.sub, person);
    const result =
      person === null
        ? { error: "access_denied", error_description: "<b>no</b>" }
        : { login: { accountId: person.sub, remember: false, ...proves } };
    await provider.interactionFinished(request, response, result);
  };
  const server = createServer((request, response) => {
    const isInteraction = request.url?.startsWith("/interaction/") === true;
    void (async () => {
      if (await prepare(request, response, { issuer, clientId, clientSecret }))
        await (isInteraction ? interact : handle)(request, response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(port, resolve));
  const honest: HonestProvider = {
    issuer,
    entry: { id, name: `Provider ${id}`, issuer, clientId, clientSecret },
    person: null,
    proves: {},
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return honest;
};

interface GrantContext {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: {
      readonly Grant: new (given: object) => { addOIDCScope(scope: string): void; save(): Promise<unknown> };
    };
  };
}
