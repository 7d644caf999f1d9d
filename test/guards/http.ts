// What holds of every request and every answer, whatever they are about.
import type { Guard } from "./guard.ts";

const endpoint = "src/http/graphql-endpoint.ts";
const body = "src/http/request-body.ts";
const listener = "src/http/listener.ts";
const headers = "src/http/security-headers.ts";
const direct = "src/http/direct-execution.ts";
const mask = "src/http/error-mask.ts";
const refusedType =
  "a body of another type is 415, whatever other header comes with it, known document or not:";
const malformed = "a malformed body or envelope is 400, in the shape of a GraphQL answer:";
const largest = "a body of 100 KiB is taken, and one byte more is 413:";
const everyAnswer = "every answer carries the security headers, errors included:";

export const http: readonly Guard[] = [
  {
    file: endpoint,
    code: 'if (method !== "GET" && method !== "POST") throw',
    broken: 'if (method !== "GET" && method !== "POST" && method !== "HEAD") throw',
    test: "methods",
    title: "every other method is 405 with Allow",
  },
  {
    file: endpoint,
    code: "? await readJsonBody(request) : undefined;",
    broken:
      '? await readJsonBody(request) : Object.fromEntries(new URLSearchParams(searchOf(request.url ?? "")));',
    test: "methods",
    title: "a mutation by GET is 405 with Allow, before and after the same mutation came by POST",
  },
  {
    file: "src/http/apollo.ts",
    code: "allowBatchedHttpRequests: false,",
    broken: "allowBatchedHttpRequests: true,",
    test: "methods",
    title: "a batch is 400, of one operation or of many, known or not",
  },
  {
    file: body,
    code: "contentType.split(/charset/i).length <= 2",
    broken: "contentType.split(/charset/i).length <= 9",
    test: "media-types",
    title: refusedType,
  },
  {
    file: body,
    code: 'essence === "application/json" &&',
    broken: 'essence.includes("json") &&',
    test: "media-types",
    title: refusedType,
  },
  {
    file: body,
    code: '.toLowerCase() === "utf-8")',
    broken: '.toLowerCase().startsWith("utf-8"))',
    test: "media-types",
    title: refusedType,
  },
  {
    file: body,
    code: 'requireJson(request.headers["content-type"]);',
    broken: 'if (!("x-requested-with" in request.headers)) requireJson(request.headers["content-type"]);',
    test: "media-types",
    title: refusedType,
  },
  {
    file: endpoint,
    code: `    const body = method === "POST" ? await readJsonBody(request) : undefined;
    const context = await openContext(endpoint, request, response);`,
    broken: `    const context = await openContext(endpoint, request, response);
    const body = method === "POST" ? await readJsonBody(request) : undefined;`,
    test: "media-types",
    title: "a body of another type is refused before anybody is looked up",
  },
  {
    file: endpoint,
    code: 'if (headers["content-type"] !== undefined) map.set("content-type", headers["content-type"]);',
    broken: 'map.set("content-type", "application/json");',
    test: "media-types",
    title: "a GET that names another type is 415:",
  },
  {
    file: direct,
    code: "if (!isMissing(variables) && !isRecord(variables)) return null;",
    broken: "if (variables === undefined) return null;",
    test: "request-bodies",
    title: malformed,
  },
  {
    file: direct,
    code: "if (!isMissing(extensions) && (!isRecord(extensions) || extensions.persistedQuery)) return null;",
    broken: "",
    test: "request-bodies",
    title: malformed,
  },
  {
    file: body,
    code: "fatal: true",
    broken: "fatal: false",
    test: "request-bodies",
    title: "a body that is no UTF-8 is 400: replaced bytes would make two different passwords one",
  },
  {
    file: body,
    code: "if (size <= largestBody)",
    broken: "if (size <= largestBody + 1)",
    test: "request-bodies",
    title: largest,
  },
  {
    file: body,
    code: "if (size <= largestBody)",
    broken: "if (size <= largestBody || content !== request)",
    test: "request-bodies",
    title: largest,
  },
  {
    file: "src/errors.ts",
    code: 'new TableError("PAYLOAD_TOO_LARGE", { headers: { connection: "close" } });',
    broken: 'new TableError("PAYLOAD_TOO_LARGE");',
    test: "request-bodies",
    title: largest,
  },
  {
    file: body,
    code: "      reject(payloadTooLarge());",
    broken: '      request.resume().on("end", () => reject(payloadTooLarge()));',
    test: "request-bodies",
    title: "after a 413 the server closes the socket, and reads no more of the body",
  },
  ...[
    "headersTimeout: seconds(10)",
    "requestTimeout: seconds(20)",
    "connectionsCheckingInterval: seconds(1)",
  ].map((code) => ({
    file: listener,
    code,
    broken: code.replace(/\d+/, (figure) => String(Number(figure) + 1)),
    test: "broken-http",
    title: "has 10 s for its headers and 20 s for its request, and is looked for every second",
  })),
  {
    file: listener,
    code: 'server.on("clientError", answerBrokenHttp);',
    broken: "",
    test: "broken-http",
    title: "what is no HTTP/1.1 is refused in JSON, and the socket closed:",
  },
  {
    file: listener,
    code: 'server.on("clientError", answerBrokenHttp);',
    broken: 'server.on("clientError", createRawAnswers([]).answerBrokenHttp);',
    test: "headers",
    title: everyAnswer,
  },
  {
    file: listener,
    code: 'server.on("connect", refuseTunnel);',
    broken: "",
    test: "methods",
    title: "every other method is 405 with Allow",
  },
  {
    file: "src/http/front-door.ts",
    code: 'httpVersion === "1.0" && hosts === 0',
    broken: "hosts === 0",
    test: "broken-http",
    title: "what is no HTTP/1.1 is refused in JSON, and the socket closed:",
  },
  {
    file: "src/http/front-door.ts",
    code: 'hosts === 1 ? httpVersion === "1.1" || httpVersion === "1.0"',
    broken: "hosts >= 1 ? true",
    test: "broken-http",
    title: "what is no HTTP/1.1 is refused in JSON, and the socket closed:",
  },
  {
    file: "src/errors.ts",
    code: 'new TableError("BAD_REQUEST", { headers: { connection: "close" } })',
    broken: 'new TableError("BAD_REQUEST")',
    test: "broken-http",
    title: "what is no HTTP/1.1 is refused in JSON, and the socket closed:",
  },
  {
    file: "src/http/front-door.ts",
    code: "if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;",
    broken: "if (!/^https?:/i.test(url) || !URL.canParse(url)) return true;",
    test: "broken-http",
    title: "what is no HTTP/1.1 is refused in JSON, and the socket closed:",
  },
  {
    file: listener,
    code: 'server.on("checkExpectation", app);',
    broken: "",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: headers,
    code: `baseUri: ["'none'"],`,
    broken: "",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: headers,
    code: 'xFrameOptions: { action: "deny" },',
    broken: "",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: headers,
    code: "includeSubDomains: true",
    broken: "includeSubDomains: false",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: headers,
    code: "days(365)",
    broken: "days(364)",
    test: "headers",
    title: "HSTS is what PUBLIC_URL says, whatever the hop before us speaks, and nothing is sent to https",
  },
  {
    file: "src/explorer/serve.ts",
    code: "etag: false,",
    broken: "",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: "src/account-pages/serve.ts",
    code: `  "frame-ancestors 'none'",`,
    broken: "",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: endpoint,
    code: 'headers.delete("cache-control");',
    broken: "",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: "src/server.ts",
    code: '.disable("x-powered-by")',
    broken: "",
    test: "headers",
    title: everyAnswer,
  },
  {
    file: "src/server.ts",
    code: "app.use(refuseUnknownRoutes);",
    broken: "",
    test: "routes",
    title: "an unknown route is a JSON 404, whatever the method:",
  },
  {
    file: "src/explorer/serve.ts",
    code: 'express.static(join(directory, "assets"), {',
    broken: "express.static(directory, {",
    test: "routes",
    title: "an unknown route is a JSON 404, whatever the method:",
  },
  {
    file: "src/config.ts",
    code: "EXPLORER: onOrOff(!production),",
    broken: "EXPLORER: onOrOff(true),",
    test: "routes",
    title: "production has no explorer unless told",
  },
  {
    file: "src/http/apollo-memory.ts",
    code: 'find: (accept = "") => contentTypes.get(accept),',
    broken: "find: () => [...contentTypes.values()][0],",
    test: "graphql-over-http",
    title: "the audits of GraphQL over HTTP pass, but the three that Apollo Server fails by design",
  },
  {
    file: mask,
    code: 'return refused ?? masked(formatted, "INTERNAL_SERVER_ERROR");',
    broken: "return refused ?? formatted;",
    test: "error-masking",
    title: "what a resolver throws",
  },
  {
    file: mask,
    code: "if (error instanceof TableError) return formatted;",
    broken: "if (error instanceof GraphQLError && error.extensions.code !== undefined) return formatted;",
    test: "error-masking",
    title: "what a resolver throws",
  },
  {
    file: mask,
    code: "if (!isVariable && !isArgument) return null;",
    broken: "if (!isArgument) return null;",
    test: "bad-input",
    title: "hostile values of username and password",
  },
  {
    file: "src/http/error-log.ts",
    code: "...(isDatabaseError(error) ? {} : { message: error.message }),",
    broken: "message: error.message,",
    test: "error-masking",
    title: "what a resolver throws",
  },
  {
    file: "src/auth/authorization-header.ts",
    code: "if (token === undefined) throw invalidBearer();",
    broken: "if (token === undefined) throw new Error(header);",
    test: "any-bytes",
    title: "never a 5xx and never a leaked text:",
  },
];
