// A client that keeps its cookies and token, like a browser or an app, and returns the whole response.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import { LogInDocument, type LoginMode } from "../operations/generated/graphql.ts";
import { noteAnswer, noteRequest } from "./logs/canaries.ts";
import type { App } from "./server.ts";

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null | undefined;
  /** The error codes, in order. */
  readonly codes: readonly string[];
  readonly errors: readonly AnsweredError[];
  readonly text: string;
}

interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

export type Credentials = Partial<Pick<Client, "token" | "cookies" | "deviceCookies">>;

export class Client {
  /** Name to value, without the cookies that the server cleared. */
  readonly cookies = new Map<string, string>();
  /** They authenticate nothing, and survive a logout. */
  readonly deviceCookies = new Map<string, string>();
  token: string | null = null;
  readonly #app: Pick<App, "url">;

  /** `given`: credentials of another client, which both clients then hold. */
  constructor(app: Pick<App, "url">, given: Credentials = {}) {
    this.#app = app;
    this.token = given.token ?? null;
    for (const [name, value] of given.cookies ?? []) this.cookies.set(name, value);
    for (const [name, value] of given.deviceCookies ?? []) this.deviceCookies.set(name, value);
  }

  run<Data, Variables extends object = Readonly<Record<string, unknown>>>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
  ): Promise<Answer<Data>> {
    const query = typeof document === "string" ? document : print(document);
    return this.post<Data>(JSON.stringify({ query, variables }));
  }

  async post<Data>(
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Answer<Data>> {
    return this.send<Data>({
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
    });
  }

  async send<Data>({
    path = "",
    ...request
  }: RequestInit & { path?: string; headers?: Record<string, string> }): Promise<Answer<Data>> {
    const cookie = [...this.cookies, ...this.deviceCookies]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
    const headers = {
      ...(cookie && { cookie }),
      ...(this.token !== null && { authorization: `Token ${this.token}` }),
      ...request.headers,
    };
    noteRequest({ path, headers, body: request.body });
    const response = await fetch(this.#app.url + path, { redirect: "manual", ...request, headers });
    this.#keepCookies(response);
    const text = await response.text();
    noteAnswer(response.headers.getSetCookie(), text);
    const body = parse(text);
    const errors: readonly AnsweredError[] = body?.errors ?? [];
    const codes = errors.map(({ extensions }) => extensions.code);
    return { status: response.status, headers: response.headers, data: body?.data, codes, errors, text };
  }

  /** Keeps the cookie, and the token when there is one. */
  async logIn(
    { username, password }: { username: string; password: string },
    mode: LoginMode = "SESSION_AND_TOKEN",
  ) {
    const answer = await this.run(LogInDocument, { username, password, mode });
    const login = answer.data?.login;
    if (!login) throw new Error(`The login failed: ${answer.text}`);
    if (login.token) this.token = login.token;
    return login;
  }

  #keepCookies(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const jar = name.includes("-device") ? this.deviceCookies : this.cookies;
      if (value === "" || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
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

const parse = (text: string): { data?: never; errors?: AnsweredError[] } | null => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Everything in a response except what differs between two responses to the same request. */
export const wholeOf = ({ status, headers, text }: Answer<unknown>) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => name !== "x-request-id" && name !== "date"),
});
