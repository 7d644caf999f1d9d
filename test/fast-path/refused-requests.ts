// The permitted differences in what is answered at all: refusals before Apollo, and what Apollo keeps from being asked.
import { isUtf8 } from "node:buffer";
import { type Difference, hasError, isHtml, refusal } from "./difference.ts";
import { otherTypes } from "./edge-values.ts";
import type { Answer, Request } from "./exchange.ts";

const refused =
  (isRefused: (request: Request, stock: Answer) => boolean, answer: Answer) =>
  (stock: Answer, request: Request): Answer | null =>
    isRefused(request, stock) ? answer : null;

const isOneOf = (texts: readonly string[], text: unknown): boolean =>
  typeof text === "string" && texts.includes(text);

/** In the order in which Graphward decides. */
export const refusals: readonly Difference[] = [
  {
    name: "requests from another site",
    reason: "docs/security-index.md, HTTP: any other Origin, or cross-site without a listed one, is 403",
    change: refused(
      ({ headers }) => headers.origin !== undefined || headers["sec-fetch-site"] === "cross-site",
      refusal(403, "CROSS_SITE_REQUEST", "Requests from another site are refused."),
    ),
  },
  {
    name: "one path",
    reason:
      "docs/security-index.md, HTTP: an unknown route is a JSON 404; Apollo's middleware answers all below /graphql",
    change: refused(({ path }) => path === "/graphql/below", refusal(404, "NOT_FOUND", "Not found.")),
  },
  {
    name: "OPTIONS",
    reason: "docs/security-index.md, HTTP: OPTIONS is a preflight of CORS; Apollo leaves it to a middleware",
    change: refused(({ method }) => method === "OPTIONS", {
      status: 204,
      headers: { allow: "GET, POST, OPTIONS", connection: "keep-alive" },
      body: "",
    }),
  },
  {
    name: "other methods",
    reason:
      "docs/security-index.md, HTTP: other methods are 405 with Allow, in the words of the table of errors",
    change: refused(
      ({ method }) => isOneOf(["PUT", "PATCH", "DELETE"], method),
      refusal(405, "METHOD_NOT_ALLOWED", "This method is not allowed.", { allow: "GET, POST, OPTIONS" }),
    ),
  },
  {
    name: "HEAD",
    reason: "docs/security-index.md, HTTP: other methods are 405 with Allow, HEAD included",
    change: refused(({ method }) => method === "HEAD", {
      ...refusal(405, "METHOD_NOT_ALLOWED", "", { allow: "GET, POST, OPTIONS" }),
      body: "",
    }),
  },
  {
    name: "bodies of another type or charset",
    reason:
      "docs/security-index.md, HTTP: a body is JSON in UTF-8, and another type is 415, whatever header comes along",
    change: refused(
      ({ method, headers }) =>
        method === "POST" &&
        (headers["content-type"] === undefined || isOneOf(otherTypes, headers["content-type"])),
      refusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8."),
    ),
  },
  {
    name: "an unknown packing as JSON",
    reason: "docs/clients.md, Errors: a refusal is JSON with an errors list",
    change: refused(
      (_request, stock) => isHtml(stock) && stock.status === 415,
      refusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8."),
    ),
  },
  {
    name: "too large as JSON, and the socket closed",
    reason:
      "docs/security-index.md, HTTP: a body has at most 100 KiB after inflation, or 413 and the socket is closed",
    change: refused(
      (_request, stock) => isHtml(stock) && stock.status === 413,
      refusal(413, "PAYLOAD_TOO_LARGE", "The request is too large.", { connection: "close" }),
    ),
  },
  {
    name: "a broken packing as JSON",
    reason: "docs/clients.md, Errors: a refusal is JSON with an errors list",
    change: refused(
      ({ headers }, stock) => isHtml(stock) && stock.status === 400 && headers["content-encoding"] === "gzip",
      refusal(400, "BAD_REQUEST", "The request is not well formed."),
    ),
  },
  {
    name: "a body that does not parse as JSON",
    reason:
      "docs/security-index.md, HTTP: a malformed body is 400 in the shape of a GraphQL answer; Express sends HTML",
    change: refused(
      (_request, stock) => isHtml(stock) && stock.status === 400,
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "bytes that are no UTF-8",
    reason:
      "docs/decisions/text-at-the-edge.md: a body must be UTF-8; Express replaces bytes, and makes two passwords one",
    change: refused(
      ({ body, headers }) =>
        body instanceof Uint8Array && headers["content-encoding"] === undefined && !isUtf8(body),
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "a byte order mark is no JSON",
    reason:
      "docs/security-index.md, HTTP: a body is JSON in UTF-8; RFC 8259, 8.1 has no mark before it, Express drops one",
    change: refused(
      ({ body }) => typeof body === "string" && body.startsWith("\ufeff"),
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "an empty body is no JSON",
    reason: "docs/security-index.md, HTTP: a malformed body is 400; Express makes an empty object of it",
    change: refused(
      ({ method, body }) => method === "POST" && body === "",
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "a refused credential, in plain JSON",
    reason: "docs/clients.md, Errors: a refused token is 401 for the whole request, in one JSON body",
    change: (stock) =>
      stock.status === 401 && hasError(stock, /^Invalid token\.$/)
        ? refusal(401, "UNAUTHENTICATED", "Invalid token.", {
            "www-authenticate": stock.headers["www-authenticate"] ?? "",
          })
        : null,
  },
];

/** Asked before anything else. */
export const detours: readonly Difference[] = [
  {
    name: "no landing page of Apollo's",
    reason:
      "docs/security-index.md, HTTP: the only page is the explorer, which is off here; what carries a query gets JSON",
    ask: (request, stock) =>
      isHtml(stock) && stock.status === 200
        ? {
            ...request,
            headers: {
              ...request.headers,
              accept: String(request.headers.accept).replace("text/html", "text/nothing"),
            },
          }
        : null,
  },
  {
    name: "no CSRF prevention of Apollo's",
    reason: "docs/security-index.md, HTTP: the cross-site rules have decided, by Origin and Sec-Fetch-Site",
    ask: ({ method, headers, ...request }, stock) =>
      method === "GET" && hasError(stock, /^This operation has been blocked as a potential Cross-Site/)
        ? { ...request, method, headers: { ...headers, "apollo-require-preflight": "true" } }
        : null,
  },
  {
    name: "never 304",
    reason: "docs/security-index.md, HTTP: no answer has an ETag",
    ask: ({ headers: { "if-none-match": _match, ...headers }, ...request }, stock) =>
      stock.status === 304 ? { ...request, headers } : null,
  },
  {
    name: "JSON that is no object, to Apollo",
    reason: "docs/clients.md, Errors: a refusal is JSON; Express sends HTML, Apollo its own words",
    ask: (request, stock) =>
      isHtml(stock) && /^(?:null|true|1|"text")$/.test(String(request.body))
        ? { ...request, body: "{}" }
        : null,
  },
];
