// A client that keeps its cookies and token, like a browser or an app, and returns the whole response.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null | undefined;
  /** The error codes, in order. */
  readonly codes: readonly string[];
  readonly errors: readonly AnsweredError[];
  readonly text: string;
}

export interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

/** What a client sends with each request. */
export type Credentials = Partial<Pick<Client, "token" | "cookies" | "deviceCookies">>;

export type LoginMode = "SESSION" | "TOKEN" | "SESSION_AND_TOKEN";

export interface Sent {
  readonly path?: string | undefined;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

/** Sees what a client exchanges with its server. */
export interface Witness {
  sent(request: Sent): void;
  /** `cookies`: lines of `Set-Cookie`. */
  answered(cookies: readonly string[], body: string): void;
}

export class Client {
  /** Name to value, without the cookies that the server cleared. */
  readonly cookies = new Map<string, string>();
  /** They authenticate nothing, and survive a logout. */
  readonly deviceCookies = new Map<string, string>();
  token: string | null = null;
  readonly #app: { readonly url: string };
  readonly #witness: Witness | null;

  /** `given`: credentials of another client, which both clients then hold. */
  constructor(app: { readonly url: string }, given: Credentials = {}, witness: Witness | null = null) {
    this.#app = app;
    this.#witness = witness;
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
    this.#witness?.sent({ path, headers, body: request.body });
    const response = await fetch(this.#app.url + path, { redirect: "manual", ...request, headers });
    this.#keepCookies(response);
    const text = await response.text();
    this.#witness?.answered(response.headers.getSetCookie(), text);
    const body = parse(text);
    const errors: readonly AnsweredError[] = body?.errors ?? [];
    const codes = errors.map(({ extensions }) => extensions.code);
    return { status: response.status, headers: response.headers, data: body?.data, codes, errors, text };
  }

  /** Keeps the cookie, and the token when there is one. */
  async logIn(
    { username, password }: { readonly username: string; readonly password: string },
    mode: LoginMode = "SESSION_AND_TOKEN",
  ): Promise<Login> {
    const answer = await this.run<{ readonly login: Login }>(logIn, { username, password, mode });
    const login = answer.data?.login;
    if (!login) throw new Error(`The login failed: ${answer.text}`);
    if (login.token) this.token = login.token;
    return login;
  }

  #keepCookies(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const jar = /-(?:device|trusted)/.test(name) ? this.deviceCookies : this.cookies;
      if (value === "" || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

export interface Login {
  readonly token: string | null;
  readonly userId: string;
  readonly email: string | null;
  readonly expiresAt: string;
  readonly user: LoggedIn;
}

interface LoggedIn {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly roles: readonly string[];
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
}

const logIn = `mutation LogIn($username: String!, $password: String!, $mode: LoginMode!) {
  login(username: $username, password: $password, mode: $mode) {
    token
    userId
    email
    expiresAt
    user {
      id
      username
      email
      roles
      createdAt
      lastLoginAt
    }
  }
}`;

const parse = (text: string): { data?: never; errors?: AnsweredError[] } | null => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
