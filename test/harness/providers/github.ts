// GitHub, as its documentation describes it: "Authorizing OAuth apps", "Troubleshooting OAuth app access token request errors", and the
// REST API of users and emails. It is one of Enterprise Server, whose API is below its own address.
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { findFreePort } from "../../../src/testing/ports.ts";
import { note } from "../logs/canaries.ts";

export interface GitHubEmail {
  readonly email: string;
  readonly primary: boolean;
  readonly verified: unknown;
  readonly visibility?: "public" | "private" | null;
}

export interface GitHubUser {
  readonly id: unknown;
  readonly login: string;
  readonly name: string | null;
  readonly emails: readonly GitHubEmail[];
}

type Endpoint = "token" | "user" | "emails";
type Answer = (response: ServerResponse) => void;

export interface GitHub {
  readonly address: string;
  readonly entry: Readonly<Record<string, unknown>>;
  /** Who logs in next. Null: the user says no. */
  user: GitHubUser | null;
  /** What the next user grants. */
  granted: string;
  /** What is sent as `iss`: the documented one, unless the test says otherwise. Null: nothing. */
  iss: string | null;
  /** In the place of the usual answers. */
  answers: Partial<Record<Endpoint, Answer>>;
  /** How often each was asked. */
  readonly asked: Record<Endpoint, number>;
  /** As a user does in the settings, or GitHub by itself. */
  revokeAll(): void;
  close(): Promise<void>;
}

interface Grant {
  readonly user: GitHubUser;
  readonly scope: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

let lastId = 583_231;

export const newGitHubUser = (changes: Partial<GitHubUser> = {}): GitHubUser => {
  lastId += 1;
  const emails = [
    {
      email: `${lastId}+octocat@users.noreply.github.com`,
      primary: false,
      verified: true,
      visibility: null,
    },
    { email: `old-${lastId}@example.org`, primary: false, verified: true, visibility: null },
    {
      email: `octocat-${lastId}@example.org`,
      primary: true,
      verified: true,
      visibility: "private",
    },
  ] as const;
  return { id: lastId, login: `octocat-${lastId}`, name: "monalisa octocat", emails, ...changes };
};

export const startGitHub = async (id: string): Promise<GitHub> => {
  const port = await findFreePort();
  const address = `http://localhost:${port}`;
  const [clientId, clientSecret] = [`Iv1.${id}`, randomBytes(20).toString("hex")];
  note("password", clientSecret);
  const codes = new Map<string, Grant>();
  const tokens = new Map<string, Grant>();

  const authorize = ({ searchParams: asked }: URL, response: ServerResponse) => {
    const back = new URL(asked.get("redirect_uri") ?? "");
    back.searchParams.set("state", asked.get("state") ?? "");
    if (gitHub.iss !== null) back.searchParams.set("iss", gitHub.iss);
    const isRight = asked.get("client_id") === clientId && asked.get("code_challenge_method") === "S256";
    if (gitHub.user === null || !isRight) {
      back.searchParams.set("error", gitHub.user === null ? "access_denied" : "application_suspended");
      back.searchParams.set("error_description", "The user has denied your application access.");
    } else {
      const code = randomBytes(10).toString("hex");
      codes.set(code, {
        user: gitHub.user,
        scope: gitHub.granted,
        challenge: asked.get("code_challenge") ?? "",
        redirectUri: asked.get("redirect_uri") ?? "",
      });
      back.searchParams.set("code", code);
    }
    response.writeHead(302, { location: back.href }).end();
  };

  const exchange = async (request: IncomingMessage, response: ServerResponse) => {
    let text = "";
    for await (const part of request) text += part;
    const given = new URLSearchParams(text);
    // Without it, GitHub answers in the format of a form.
    if (request.headers.accept !== "application/json") return response.end("error=no_json_was_asked_for");
    const grant = codes.get(given.get("code") ?? "");
    codes.delete(given.get("code") ?? "");
    const verifier = given.get("code_verifier") ?? "";
    const refuse = (error: string) => sendJson(response, 200, { error, error_description: "No." });
    if (given.get("client_id") !== clientId || given.get("client_secret") !== clientSecret)
      return refuse("incorrect_client_credentials");
    if (grant === undefined) return refuse("bad_verification_code");
    if (given.get("redirect_uri") !== grant.redirectUri) return refuse("redirect_uri_mismatch");
    if (createHash("sha256").update(verifier).digest("base64url") !== grant.challenge)
      return refuse("bad_verification_code");
    const token = `gho_${randomBytes(18).toString("hex")}`;
    note("token", token);
    tokens.set(token, grant);
    return sendJson(response, 200, { access_token: token, scope: grant.scope, token_type: "bearer" });
  };

  const ofUser = (
    request: IncomingMessage,
    response: ServerResponse,
    of: (grant: Grant) => object | null,
  ) => {
    const { authorization, "user-agent": agent } = request.headers;
    const grant = tokens.get(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
    if (agent === undefined) return sendJson(response, 403, { message: "Request forbidden" });
    if (grant === undefined) return sendJson(response, 401, { message: "Bad credentials" });
    const found = of(grant);
    return sendJson(response, found === null ? 404 : 200, found ?? { message: "Not Found" });
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", address);
    const usual: Readonly<Record<Endpoint, () => unknown>> = {
      token: () => exchange(request, response),
      user: () =>
        ofUser(request, response, ({ user: { id: number, login, name } }) => ({
          login,
          id: number,
          node_id: "MDQ6VXNlcjE=",
          name,
          email: "public@example.org",
          type: "User",
        })),
      emails: () =>
        ofUser(request, response, ({ user, scope }) =>
          scope.split(",").includes("user:email") ? user.emails : null,
        ),
    };
    if (url.pathname === "/login/oauth/authorize") return authorize(url, response);
    const endpoint = endpoints.get(url.pathname);
    if (endpoint === undefined) return sendJson(response, 404, { message: "Not Found" });
    gitHub.asked[endpoint] += 1;
    const answer = gitHub.answers[endpoint];
    return answer === undefined ? void usual[endpoint]() : answer(response);
  });
  await new Promise<void>((resolve) => server.listen(port, resolve));
  const gitHub: GitHub = {
    address,
    entry: { id, preset: "github", issuer: address, clientId, clientSecret },
    user: null,
    granted: "user:email",
    iss: `${address}/login/oauth`,
    answers: {},
    asked: { token: 0, user: 0, emails: 0 },
    revokeAll: () => tokens.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gitHub;
};

const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ["/login/oauth/access_token", "token"],
  ["/api/v3/user", "user"],
  ["/api/v3/user/emails", "emails"],
]);

export const sendJson = (response: ServerResponse, status: number, body: object): void =>
  void response
    .writeHead(status, { "content-type": "application/json; charset=utf-8" })
    .end(JSON.stringify(body));
