// What keeps secrets, texts of users and forged lines out of every log.
import type { Guard } from "../house/guard.ts";

const requests = "src/http/request-log.ts";
const secrets = "no secret, no variable and no literal is in the log at its loudest, nor in PostgreSQL's";
const forged = "as JSON, whatever a client sends";
const failures = "a statement that fails tells PostgreSQL's log what failed, and no value:";

const origins = "src/http/unlisted-origins.ts";

export const logs: readonly Guard[] = [
  {
    file: origins,
    code: "|| named.has(origin)) return;",
    broken: ") return;",
    test: "log/unlisted-origins",
    title: "an origin that ALLOWED_ORIGINS does not list is named once, with the setting, when it is refused",
  },
  {
    file: origins,
    code: "named.size >= maxNamed ||",
    broken: "",
    test: "log/unlisted-origins",
    title: "a hundred origins are named, and then no more",
  },
  {
    file: origins,
    code: "|| !isOrigin(origin)",
    broken: "",
    test: "log/unlisted-origins",
    title: "only what ALLOWED_ORIGINS could list is named: an attacker's text stays out of the log",
  },
  {
    file: requests,
    code: "url.search(/[^\\w./~-]/)",
    broken: 'url.indexOf("?")',
    test: "log/log",
    title:
      "no secret of a link, no document and no password of an address is in the path, whatever sign stands before it",
  },
  {
    file: requests,
    code: "          userId,\n          actorId,\n",
    broken: "          actorId,\n",
    test: "log/log",
    title: "each request is one line with id, address, user, operation and outcome",
  },
  {
    file: requests,
    code: "if (response.writableEnded || record.work === undefined) atEndOfTurn(write);",
    broken: "if (response.writableEnded || record !== undefined) atEndOfTurn(write);",
    test: "log/log",
    title: "a request whose client hangs up is a line with its operation and its outcome too",
  },
  {
    file: requests,
    code: "path: loggedPathOf(url).slice(0, longestPath)",
    broken: "path: url.slice(0, longestPath)",
    test: "log/log",
    title: secrets,
  },
  {
    file: requests,
    code: "return hideTokens(end === -1 ? url : url.slice(0, end));",
    broken: "return end === -1 ? url : url.slice(0, end);",
    test: "log/log",
    title:
      "a token is in no line, also where a client put it by mistake: in a path, or as an operation's name",
  },
  {
    file: "src/http/request-record.ts",
    code: "hideTokens(name).slice",
    broken: "name.slice",
    test: "log/log",
    title:
      "a token is in no line, also where a client put it by mistake: in a path, or as an operation's name",
  },
  {
    file: requests,
    code: "outcomes: outcomes.size > 0 ? [...outcomes] : undefined,",
    broken: "outcomes: undefined,",
    test: "log/log",
    title: "a refusal or a limit is a line with its code and the address",
  },
  {
    file: requests,
    code: "          userId,\n          actorId,\n",
    broken: "          actorId,\n",
    test: "log/log",
    title: "what a user may not do is a line that names the user",
  },
  {
    file: "src/main.ts",
    code: '.on("unhandledRejection", end)',
    broken: "",
    test: "log/uncaught",
    title: "what nobody caught is one line of the log, and ends the server with status 1:",
    isBuilt: true,
  },
  {
    file: "src/main.ts",
    code: 'process.on("uncaughtException", end)',
    broken: "process",
    test: "log/uncaught",
    title: "what nobody caught is one line of the log, and ends the server with status 1:",
    isBuilt: true,
  },
  {
    file: "src/http/listener.ts",
    code: "    logRefusal({ status: ",
    broken: "    void ({ status: ",
    test: "http/broken-http",
    title: "what is no HTTP/1.1 is refused in JSON, and the socket closed:",
  },
  {
    file: "src/log.ts",
    code: "pretty({ sync: true, singleLine: true,",
    broken:
      "pretty({ sync: true, singleLine: true, customPrettifiers: { path: (path) => decodeURIComponent(String(path)) },",
    test: "log/forged-lines",
    title: "on a terminal, whatever a client sends",
    isBuilt: true,
  },
  {
    file: "src/database/embedded/settings.ts",
    code: 'log_min_error_statement: "panic"',
    broken: 'log_min_error_statement: "error"',
    test: "database/failing-statements",
    title: failures,
  },
  {
    file: "src/database/embedded/settings.ts",
    code: 'log_error_verbosity: "terse"',
    broken: 'log_error_verbosity: "default"',
    test: "database/failing-statements",
    title: failures,
  },
  {
    file: "src/auth/sessions/ends.ts",
    code: "  if (!isUuid(id)) return false;\n",
    broken: "",
    test: "database/failing-statements",
    title: failures,
  },
  {
    file: "src/log.ts",
    code: "destination.write(showObeyed(line))",
    broken: "destination.write(line)",
    test: "graphql/error-masking",
    title: "is spelled out in the log where a terminal or an editor would obey it",
  },
  {
    file: "src/error-log.ts",
    code: '(message === "" ? stack : stack.replaceAll(message, ""))',
    broken: "(message === stack ? message : stack)",
    test: "graphql/error-masking",
    title: "is logged without the database's text:",
  },
  {
    file: "src/database/error-texts.ts",
    code: "error instanceof ValidationError);",
    broken: "error.name === `${ValidationError.name}!`);",
    test: "graphql/error-masking",
    title: "is logged without the database's text:",
  },
  {
    file: "src/http/client-address.ts",
    code: '    return "";\n',
    broken: "    return told;\n",
    test: "log/forged-lines",
    title: forged,
  },
  {
    file: "src/http/request-record.ts",
    code: "id: randomUUID(),",
    broken: 'id: String(request.headers["x-request-id"] ?? randomUUID()),',
    test: "log/forged-lines",
    title: forged,
  },
  {
    file: "src/http/error-response.ts",
    code: "    record.outcomes.add(known.code);\n",
    broken: "",
    test: "log/log",
    title: "a refusal or a limit is a line with its code and the address",
  },
  {
    file: "src/graphql/operation-errors.ts",
    code: "record.outcomes.add(code);",
    broken: "void code;",
    test: "log/log",
    title: "what a user may not do is a line that names the user",
  },
  {
    file: requests,
    code: "path: loggedPathOf(url).slice(0, longestPath)",
    broken: 'path: request.headers.cookie ?? ""',
    test: "auth/flows/login",
    title: "a login",
  },
  {
    file: requests,
    code: "path: loggedPathOf(url).slice(0, longestPath)",
    broken: 'path: request.headers.authorization ?? ""',
    test: "auth/authentication/who-is-calling",
    title: "an Authorization header",
  },
  {
    file: "src/graphql/fast-path.ts",
    code: "nameOperation(record, operation.name?.value);",
    broken: "nameOperation(record, JSON.stringify(known.variableValues));",
    test: "auth/flows/login",
    title: "a login",
  },
];
