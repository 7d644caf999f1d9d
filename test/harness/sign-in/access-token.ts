// Creates an access token of a user through the API.
import { CreateAccessTokenDocument } from "../../operations/generated/graphql.ts";
import { Client } from "../client.ts";
import type { App, User } from "../server.ts";

export interface Script {
  readonly id: string;
  readonly token: string;
  /** A client that sends only the token. */
  readonly client: Client;
}

export const createScript = async (
  app: App,
  user: User,
  scopes: readonly string[],
  name = "a script",
): Promise<Script> => {
  const owner = new Client(app);
  await owner.logIn(user, "TOKEN");
  const answer = await owner.run(CreateAccessTokenDocument, { input: { name, scopes: [...scopes] } });
  const created = answer.data?.createAccessToken;
  if (!created) throw new Error(`No access token was made: ${answer.text}`);
  return { id: created.accessToken.id, token: created.token, client: withToken(app, created.token) };
};

export const withToken = (app: Pick<App, "url">, token: string): Client => new Client(app, { token });
