// A client whose secrets, variables and literals are searched for in the logs.
import {
  type Answer,
  type Credentials,
  type LoginMode,
  Client as TestClient,
} from "../../src/testing/client.ts";
import { noteAnswer, noteRequest } from "./logs/canaries.ts";
import type { App } from "./server.ts";

export type { Answer, Credentials };

export class Client extends TestClient {
  constructor(app: Pick<App, "url">, given: Credentials = {}) {
    super(app, given, { sent: noteRequest, answered: noteAnswer });
  }
}

export const logInAs = async (
  app: Pick<App, "url">,
  user: { username: string; password: string },
  mode: LoginMode = "TOKEN",
): Promise<Client> => {
  const client = new Client(app);
  await client.logIn(user, mode);
  return client;
};

/** Everything in a response except what differs between two responses to the same request. */
export const wholeOf = ({ status, headers, text }: Answer<unknown>) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => name !== "x-request-id" && name !== "date"),
});
