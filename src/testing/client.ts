// A client that keeps its cookies and token, like a browser or an app, and returns the whole response.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { type DocumentNode, print } from "graphql";
import type { AnsweredError } from "./answered-error.ts";
import { type Followed, readFollowed } from "./followed.ts";

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null | undefined;
  /** The error codes, in order. */
  readonly codes: readonly string[];
  readonly errors: readonly AnsweredError[];
  readonly text: string;
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
    return this.post<Data>(bodyOf(document, variables));
  }

  /** A subscription. Resolves when its stream is open, or refused. */
  async follow<Data, Variables extends object = Readonly<Record<string, unknown>>>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
  ): Promise<Followed<Data>> {
    const leaving = new AbortController();
    const body = bodyOf(document, variables);
    const headers = this.#headersWith({
      accept: "text/event-stream, application/json;q=0.9",
      "content-type": "application/json",
    });
    this.#witness?.sent({ path: "", headers, body });
    const response = await fetch(this.#app.url, { method: "POST", headers, body, signal: leaving.signal });
    return readFollowed<Data>(response, {
      close: () => leaving.abort(),
      onEnd: (text) => this.#witness?.answered(response.headers.getSetCookie(), text),
    });
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
    const headers = this.#headersWith(request.headers);
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

  #headersWith(headers: Record<string, string> = {}): Record<string, string> {
    const cookie = [...this.cookies, ...this.deviceCookies]
      .map(([name, value]) => `${name}=${value}`)
      .join("; ");
    return {
      ...(cookie && { cookie }),
      ...(this.token !== null && { authorization: `Token ${this.token}` }),
      ...headers,
    };
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

const bodyOf = (document: DocumentNode | string, variables: object | undefined): string =>
  JSON.stringify({ query: typeof document === "string" ? document : print(document), variables });

const parse = (text: string): { data?: never; errors?: AnsweredError[] } | null => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
