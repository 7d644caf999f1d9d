// Requests to a provider: short, small, without redirects, and never into a private network that the operator has not named.
import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import type { CustomFetch } from "openid-client";
import { kibibytes } from "../../sizes.ts";
import { seconds } from "../../time.ts";
import { inSpan, type SpanOf } from "../../tracing/spans.ts";

/** Which addresses a provider may have. */
export interface Reach {
  readonly allowsPrivate: boolean;
  /** In development, this machine too, and there without TLS. */
  readonly allowsLoopback: boolean;
}

/** From the first byte sent to the last received. */
export const maxProviderTime = seconds(3);
/** The largest response with metadata, keys, tokens or user info. */
export const maxProviderAnswer = kibibytes(256);

/** Sends no trace id: with one, a provider could join requests that it should not. */
export const createProviderFetch = (reach: Reach, maxTime = maxProviderTime): CustomFetch =>
  inSpan(providerRequest, async (address, { method, headers, body }) => {
    const url = new URL(address);
    const isSecure = url.protocol === "https:";
    const mayConnect = (ip: string) => isReachable(ip, { ...reach, isSecure });
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    // A name is judged when it is looked up, by the address that is then used: it may have another one later (DNS rebinding).
    if ((!isSecure && url.protocol !== "http:") || (isIP(host) && !mayConnect(host)))
      throw new ProviderUnreachable(notAllowed);
    const content = body === undefined || body === null ? null : String(body);
    return new Promise((resolve, reject) => {
      const send = isSecure ? requestHttps : requestHttp;
      const signal = AbortSignal.timeout(maxTime);
      const request = send(url, { method, headers, signal, agent: false, lookup: guardedLookup(mayConnect) });
      const fail = (cause: unknown) =>
        reject(signal.aborted ? new ProviderUnreachable("is too slow", { cause }) : cause);
      request.on("error", fail);
      // A redirect is an answer like others, which openid-client refuses: it could lead into our own network.
      request.on("response", (response) => void read(response).then(resolve, fail));
      request.end(content ?? undefined);
    });
  });

/** Without the path and the query, which hold codes. */
const providerRequest: SpanOf<Parameters<CustomFetch>, Response> = {
  name: "identity provider",
  kind: "CLIENT",
  attributes: (address, { method }) => ({
    "http.request.method": method,
    "server.address": new URL(address).hostname,
  }),
  conclude: (span, { status }) => span.setAttribute("http.response.status_code", status),
};

/** Its text ends a sentence that begins with the provider, for operators. */
const notAllowed = "has an address that is not allowed (see allowPrivateAddress)";

export class ProviderUnreachable extends Error {}

const read = async (response: IncomingMessage): Promise<Response> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxProviderAnswer) {
      response.destroy();
      throw new ProviderUnreachable("answers with more than 256 KiB");
    }
    parts.push(part);
  }
  const { statusCode: status = 502, headers } = response;
  const type = headers["content-type"];
  const hasBody = status !== 204 && status !== 304;
  return new Response(hasBody ? Buffer.concat(parts) : null, {
    status,
    headers: type === undefined ? {} : { "content-type": type },
  });
};

const isReachable = (
  ip: string,
  { allowsPrivate, allowsLoopback, isSecure }: Reach & { readonly isSecure: boolean },
): boolean => {
  const range = ipaddr.process(ip).range();
  if (range === "loopback") return allowsLoopback || (allowsPrivate && isSecure);
  // Without TLS, anybody on the way could be the provider.
  if (!isSecure) return false;
  return range === "unicast" || (allowsPrivate && (range === "private" || range === "uniqueLocal"));
};

const guardedLookup =
  (mayConnect: (ip: string) => boolean): LookupFunction =>
  (hostname, options, callback) => {
    const answer = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => {
      // Node gives no list then, whatever its types say.
      if (error !== null) return callback(error, "", 0);
      const [first] = addresses;
      if (first === undefined) return callback(new ProviderUnreachable("has no address"), "", 0);
      if (!addresses.every(({ address }) => mayConnect(address)))
        return callback(new ProviderUnreachable(notAllowed), "", 0);
      if (options.all) return callback(null, [...addresses]);
      return callback(null, first.address, first.family);
    };
    lookup(hostname, { ...(options as LookupOptions), all: true }, answer);
  };
