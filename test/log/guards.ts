// Security rules of logs: no secrets, no forged lines, no crash without a log line.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Logs";

export const rules: readonly Rule[] = [
  [
    "An uncaught exception is one log line without text from the database, and the server exits",
    "V16.5.4, V16.2.5",
    "uncaught: what nobody caught is one line of the log, and ends the server with status 1:",
  ],
  [
    "Each request is one line of JSON with the time in UTC, request id, user, IP, operation and outcome",
    "V16.2.1, V16.2.2, V16.2.4",
    "log: each request is one line with id, address, user, operation and outcome",
    "log: a request whose client hangs up is a line with its operation and its outcome too",
  ],
  [
    "No log holds a variable, a literal, a cookie, a token, a password, a mailed link or SQL with values; after every test file, all logs are searched for the values that its tests sent and received",
    "V16.2.5, V14.2.4",
    "log: no secret, no variable and no literal is in the log at its loudest, nor in PostgreSQL's",
  ],
  [
    "Line breaks and escapes from a client cannot forge a log line, neither in JSON nor on a terminal",
    "V16.4.1",
    "forged-lines: as JSON, whatever a client sends",
    "forged-lines: on a terminal, whatever a client sends",
    "graphql/error-masking: is spelled out in the log where a terminal or an editor would obey it",
  ],
  [
    "The path in a log line ends before any part that can carry a secret, and a request that is refused for its URL has an empty path",
    "V16.2.5, V14.2.1",
    "log: no secret of a link, no document and no password of an address is in the path, whatever sign stands before it",
    "log: a token is in no line, also where a client put it by mistake: in a path, or as an operation's name",
  ],
  [
    "Refusals, reached limits and malformed HTTP requests are log lines",
    "V16.3.2, V16.3.3",
    "log: a refusal or a limit is a line with its code and the address",
    "log: what a user may not do is a line that names the user",
    "http/broken-http: what is no HTTP/1.1 is refused in JSON, and the socket closed:",
  ],
  [
    "The id of a request and its trace are ours, or well-formed ones of a trusted proxy; no client chooses them",
    "V16.4.1",
    "request-ids: the id of a client, or of a proxy that TRUST_PROXY does not name, is replaced by one of ours",
    "request-ids: the trace of a client, or of a proxy that TRUST_PROXY does not name, is ignored",
    "request-ids: an id that is not well formed, or that holds a token, is replaced by one of ours",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/http/request-log.ts",
    "if (isFromProxy(request)) takeIds(record, request);",
    "takeIds(record, request);",
    "request-ids: the id of a client, or of a proxy that TRUST_PROXY does not name, is replaced by one of ours",
  ],
  [
    "src/http/request-record.ts",
    " && hideTokens(id) === id",
    "",
    "request-ids: an id that is not well formed, or that holds a token, is replaced by one of ours",
  ],
  [
    "src/http/request-record.ts",
    'typeof id === "string" && wellFormedId.test(id)',
    'typeof id === "string" && id.length >= 8',
    "request-ids: an id that is not well formed, or that holds a token, is replaced by one of ours",
  ],
  [
    "src/tracing/traceparent.ts",
    'typeof text === "string" && wellFormed.test(text)',
    'typeof text === "string"',
    "request-ids: the trace of a trusted proxy is in the line, if it is well formed",
  ],
  [
    "src/http/request-log.ts",
    "if (isFromProxy(request)) takeIds(record, request);",
    "takeIds(record, request);",
    "request-ids: the trace of a client, or of a proxy that TRUST_PROXY does not name, is ignored",
  ],
  [
    "src/log.ts",
    "if (size + bytes.length > maxWaiting) {",
    "if (size > maxWaiting * 1000) {",
    "output: service goes on, lines are dropped and counted, and none is cut once somebody reads again",
    "built",
  ],
  [
    "src/log.ts",
    "        droppedLines += count;\n",
    "",
    "output: service goes on, lines are dropped and counted, and none is cut once somebody reads again",
    "built",
  ],
  [
    "src/metrics/of-workers.ts",
    "[...(await sum(await read())), await readOwn()]",
    "[...(await sum(await read()))]",
    "output: lines of workers are counted too, which leave by the primary process",
    "built",
  ],
  [
    "src/log.ts",
    "const timer = setTimeout(resolve, grace);",
    "const timer = setTimeout(() => undefined, grace);",
    "output: while nobody reads the log, a signal ends the process with status 0:",
    "built",
  ],
  [
    "src/log.ts",
    "while (rest.length > 0 && performance.now() < until) {",
    "while (rest.length > 0) {",
    "output: an uncaught exception ends the process with status 1, within seconds,",
    "built",
  ],
  [
    "src/log.ts",
    "singleLine: true",
    "singleLine: false",
    "forged-lines: on a terminal, whatever a client sends",
    "built",
  ],
  [
    "src/http/client-address.ts",
    '    return "";\n',
    "    return told;\n",
    "forged-lines: as JSON, whatever a client sends",
  ],
  [
    "src/http/request-record.ts",
    "id: randomUUID(),",
    'id: String(request.headers["x-request-id"] ?? randomUUID()),',
    "forged-lines: as JSON, whatever a client sends",
  ],
  [
    "src/http/request-log.ts",
    "url.search(/[^\\w./~-]/)",
    'url.indexOf("?")',
    "log: no secret of a link, no document and no password of an address is in the path, whatever sign stands before it",
  ],
  [
    "src/http/request-log.ts",
    "          userId,\n          loginUserId,\n",
    "          loginUserId,\n",
    "log: each request is one line with id, address, user, operation and outcome",
  ],
  [
    "src/http/request-record.ts",
    "if (response.writableEnded || work === undefined) act();",
    "if (response.writableEnded || act !== undefined) act();",
    "log: a request whose client hangs up is a line with its operation and its outcome too",
  ],
  [
    "src/http/request-log.ts",
    "path: loggedPathOf(url),",
    "path: url.slice(0, maxPathLength),",
    "log: no secret, no variable and no literal is in the log at its loudest, nor in PostgreSQL's",
  ],
  [
    "src/http/request-log.ts",
    "return hideTokens(end === -1 ? url : url.slice(0, end)).slice(0, maxPathLength);",
    "return (end === -1 ? url : url.slice(0, end)).slice(0, maxPathLength);",
    "log: a token is in no line, also where a client put it by mistake: in a path, or as an operation's name",
  ],
  [
    "src/http/request-record.ts",
    "hideTokens(name).slice",
    "name.slice",
    "log: a token is in no line, also where a client put it by mistake: in a path, or as an operation's name",
  ],
  [
    "src/http/request-log.ts",
    "outcomes: outcomes.size > 0 ? [...outcomes] : undefined,",
    "outcomes: undefined,",
    "log: a refusal or a limit is a line with its code and the address",
  ],
  [
    "src/http/request-log.ts",
    "          userId,\n          loginUserId,\n",
    "          loginUserId,\n",
    "log: what a user may not do is a line that names the user",
  ],
  [
    "src/http/error-response.ts",
    "  noteRefusal(record, known.code, whyOf(known, error));\n",
    "",
    "log: a refusal or a limit is a line with its code and the address",
  ],
  [
    "src/graphql/operation-errors.ts",
    "noteRefusal(record, code, findWhy(context, code, originOf(raw)), fieldOf(raw));",
    "void code;",
    "log: what a user may not do is a line that names the user",
  ],
  [
    "src/process/crash.ts",
    '.on("unhandledRejection", end)',
    "",
    "uncaught: what nobody caught is one line of the log, and ends the server with status 1:",
    "built",
  ],
  [
    "src/process/crash.ts",
    'process.on("uncaughtException", end)',
    "process",
    "uncaught: what nobody caught is one line of the log, and ends the server with status 1:",
    "built",
  ],
  [
    "src/http/unlisted-origins.ts",
    "|| named.has(origin)) return;",
    ") return;",
    "unlisted-origins: an origin that ALLOWED_ORIGINS does not list is named once, with the setting, when it is refused",
  ],
  [
    "src/http/unlisted-origins.ts",
    "named.size >= maxNamed ||",
    "",
    "unlisted-origins: a hundred origins are named, and then no more",
  ],
  [
    "src/http/unlisted-origins.ts",
    "|| findListable(origin) === null",
    "",
    "unlisted-origins: only what ALLOWED_ORIGINS could list is named: an attacker's text stays out of the log",
  ],
];
