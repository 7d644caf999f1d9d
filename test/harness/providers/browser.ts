// A browser that follows redirects from site to site, with the cookies of each, and remembers where it was.
import { request } from "node:http";
import { Client } from "../client.ts";
import { note } from "../logs/canaries.ts";
import type { App } from "../server.ts";

export interface Arrival {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Every URL on the way, the last one too. */
  readonly trail: readonly URL[];
}

export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** By origin: two servers of one machine would share their cookies in a real one. */
  cookiesOf(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  /** Follows redirects until a page, or until `stopsAt` says so of the next URL. */
  async open(
    address: string | URL,
    {
      stopsAt = () => false,
      language = "en",
    }: { readonly stopsAt?: (next: URL) => boolean; readonly language?: string } = {},
  ): Promise<Arrival> {
    const trail: URL[] = [];
    let next = new URL(address);
    for (let hops = 0; hops < 20; hops += 1) {
      const previous = trail.at(-1);
      trail.push(next);
      for (const name of ["state", "code", "code_challenge", "nonce"])
        note("token", next.searchParams.get(name));
      const site =
        previous === undefined ? "none" : previous.origin === next.origin ? "same-origin" : "cross-site";
      const { status, headers, text } = await get(next, {
        accept: "text/html",
        "accept-language": language,
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "sec-fetch-site": site,
        cookie: [...this.cookiesOf(next.origin)].map(([name, value]) => `${name}=${value}`).join("; "),
      });
      this.#keepCookies(next.origin, headers.getSetCookie());
      const location = headers.get("location");
      const target = location === null ? null : new URL(location, next);
      if (target === null || stopsAt(target)) return { url: target ?? next, status, text, headers, trail };
      next = target;
    }
    throw new Error(`Too many redirects: ${trail.join(" ")}`);
  }

  /** Sends the form of a page as its script does: no cookie of ours goes to another site with a POST (`SameSite=Lax`). */
  async submit(
    { url: from, text }: Arrival,
    {
      changes = {},
      headers = {},
    }: {
      readonly changes?: Readonly<Record<string, string | null>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Arrival> {
    const action = new URL(unescapeHtml(/<form[^>]* action="([^"]*)"/.exec(text)?.[1] ?? ""), from);
    const fields = new URLSearchParams();
    for (const [, name = "", value = ""] of text.matchAll(/<input[^>]* name="([^"]*)" value="([^"]*)"/g))
      fields.set(unescapeHtml(name), unescapeHtml(value));
    for (const name of ["state", "code"]) note("token", fields.get(name));
    for (const [name, value] of Object.entries(changes))
      if (value === null) fields.delete(name);
      else fields.set(name, value);
    const answer = await send(
      action,
      {
        accept: "text/html",
        "content-type": "application/x-www-form-urlencoded",
        origin: from.origin,
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "sec-fetch-site": "cross-site",
        ...headers,
      },
      fields.toString(),
    );
    this.#keepCookies(action.origin, answer.headers.getSetCookie());
    return { ...answer, url: action, trail: [from, action] };
  }

  /** As the page says by itself (`http-equiv="refresh"`). */
  async refresh({ url, text }: Arrival, options: Parameters<Browser["open"]>[1] = {}): Promise<Arrival> {
    const [, to] = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(text) ?? [];
    if (to === undefined) throw new Error(`The page leads nowhere: ${text}`);
    return this.open(new URL(unescapeHtml(to), url), options);
  }

  /** With the session of this browser. */
  clientOf(app: App): Client {
    return new Client(app, { cookies: this.cookiesOf(app.origin) });
  }

  /** Takes over the session of a client. */
  adopt(app: App, client: Client): this {
    for (const [name, value] of [...client.cookies, ...client.deviceCookies])
      this.cookiesOf(app.origin).set(name, value);
    return this;
  }

  #keepCookies(origin: string, lines: readonly string[]): void {
    const jar = this.cookiesOf(origin);
    for (const line of lines) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else {
        note("token", value);
        jar.set(name, value);
      }
    }
  }
}

const unescapeHtml = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

const get = (url: URL, headers: Readonly<Record<string, string>>) => send(url, headers, null);

/** Not by `fetch`, which sends Fetch Metadata of its own. */
const send = (url: URL, headers: Readonly<Record<string, string>>, body: string | null) =>
  new Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>(
    (resolve, reject) => {
      const method = body === null ? "GET" : "POST";
      const sent = request(url, { method, headers, agent: false }, (response) => {
        const received = new Headers();
        for (const [name, values] of Object.entries(response.headersDistinct))
          for (const value of values ?? []) received.append(name, value);
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: received, text }));
      });
      sent.on("error", reject).end(body ?? undefined);
    },
  );
