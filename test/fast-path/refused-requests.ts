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
    reason: "security.md, Cross-site requests: any other Origin, or cross-site without a listed one, is 403",
    change: refused(
      ({ headers }) => headers.origin !== undefined || headers["sec-fetch-site"] === "cross-site",
      refusal(403, "CROSS_SITE_REQUEST", "Requests from another site are refused."),
    ),
  },
  {
    name: "one path",
    reason: "design.md 5: /graphql is one address; Apollo's middleware answers all below it too",
    change: refused(({ path }) => path === "/graphql/below", refusal(404, "NOT_FOUND", "Not found.")),
  },
  {
    name: "OPTIONS",
    reason: "design.md 5: OPTIONS is CORS; Apollo leaves it to a middleware",
    change: refused(({ method }) => method === "OPTIONS", {
      status: 204,
      headers: { allow: "GET, POST, OPTIONS", connection: "keep-alive" },
      body: "",
    }),
  },
  {
    name: "other methods",
    reason: "design.md 5: other methods 405, OPTIONS is CORS and so allowed; the text is the table's",
    change: refused(
      ({ method }) => isOneOf(["PUT", "PATCH", "DELETE"], method),
      refusal(405, "METHOD_NOT_ALLOWED", "This method is not allowed.", { allow: "GET, POST, OPTIONS" }),
    ),
  },
  {
    name: "HEAD",
    reason: "design.md 5: other methods 405, OPTIONS is CORS and so allowed",
    change: refused(({ method }) => method === "HEAD", {
      ...refusal(405, "METHOD_NOT_ALLOWED", "", { allow: "GET, POST, OPTIONS" }),
      body: "",
    }),
  },
  {
    name: "bodies of another type or charset",
    reason:
      "security.md: text/plain, forms, other charsets and types that do not parse are refused, whatever header comes",
    change: refused(
      ({ method, headers }) =>
        method === "POST" &&
        (headers["content-type"] === undefined || isOneOf(otherTypes, headers["content-type"])),
      refusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8."),
    ),
  },
  {
    name: "an unknown packing as JSON",
    reason: "design.md 4: every answer is a GraphQL-shaped JSON body, never HTML",
    change: refused(
      (_request, stock) => isHtml(stock) && stock.status === 415,
      refusal(415, "UNSUPPORTED_MEDIA_TYPE", "The content type must be application/json in UTF-8."),
    ),
  },
  {
    name: "too large as JSON, and the socket closed",
    reason: "security.md: bodies up to 100 KB after inflation, or 413 and the socket closed",
    change: refused(
      (_request, stock) => isHtml(stock) && stock.status === 413,
      refusal(413, "PAYLOAD_TOO_LARGE", "The request is too large.", { connection: "close" }),
    ),
  },
  {
    name: "a broken packing as JSON",
    reason: "design.md 4: every answer is a GraphQL-shaped JSON body, never HTML",
    change: refused(
      ({ headers }, stock) => isHtml(stock) && stock.status === 400 && headers["content-encoding"] === "gzip",
      refusal(400, "BAD_REQUEST", "The request is not well formed."),
    ),
  },
  {
    name: "a body that does not parse as JSON",
    reason: "design.md 9.8: Apollo answers JSON parse errors as HTML through Express",
    change: refused(
      (_request, stock) => isHtml(stock) && stock.status === 400,
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "bytes that are no UTF-8",
    reason:
      "design.md 9.11: refuse ill-formed text at the edge; Express replaces it, and makes two passwords one",
    change: refused(
      ({ body, headers }) =>
        body instanceof Uint8Array && headers["content-encoding"] === undefined && !isUtf8(body),
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "a byte order mark is no JSON",
    reason:
      "security.md: a body is application/json in UTF-8; RFC 8259, 8.1 has no mark before it, Express drops one",
    change: refused(
      ({ body }) => typeof body === "string" && body.startsWith("\ufeff"),
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "an empty body is no JSON",
    reason: "security.md: malformed bodies get JSON errors; Express makes an empty object of it",
    change: refused(
      ({ method, body }) => method === "POST" && body === "",
      refusal(400, "BAD_REQUEST", "The body is not valid JSON in UTF-8."),
    ),
  },
  {
    name: "a refused credential, in plain JSON",
    reason:
      "design.md 4, Who is calling: it refuses the whole request, with this very body, whatever JSON is asked for",
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
      "design.md 5: a browser without a query gets GraphiQL, which is off here; what carries a query gets JSON",
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
    reason:
      "design.md 9.13: stock urql's GET has no type; our cross-site rules decide first and then satisfy it",
    ask: ({ method, headers, ...request }, stock) =>
      method === "GET" && hasError(stock, /^This operation has been blocked as a potential Cross-Site/)
        ? { ...request, method, headers: { ...headers, "apollo-require-preflight": "true" } }
        : null,
  },
  {
    name: "never 304",
    reason: "security.md, headers on every answer: no ETag",
    ask: ({ headers: { "if-none-match": _match, ...headers }, ...request }, stock) =>
      stock.status === 304 ? { ...request, headers } : null,
  },
  {
    name: "JSON that is no object, to Apollo",
    reason:
      "design.md 4: every answer is a GraphQL-shaped JSON body; Express refuses it as HTML, Apollo in its own words",
    ask: (request, stock) =>
      isHtml(stock) && /^(?:null|true|1|"text")$/.test(String(request.body))
        ? { ...request, body: "{}" }
        : null,
  },
];
