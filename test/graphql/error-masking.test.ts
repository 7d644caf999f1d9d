import { HeaderMap } from "@apollo/server";
import { NotFoundError, ValidationError } from "@mikro-orm/core";
import { GraphQLError } from "graphql";
import { type NonEmptyArray, Query, Resolver } from "type-graphql";
import { afterAll, describe, expect, test } from "vitest";
import { Public } from "../../src/auth/access/decorators.ts";
import type { Class } from "../../src/auth/access/rules.ts";
import type { Context } from "../../src/auth/context.ts";
import { badUserInput, errorTable, forbidden } from "../../src/errors.ts";
import { createApollo } from "../../src/graphql/apollo.ts";
import { createDocumentCache } from "../../src/graphql/document-cache.ts";
import { usualDocumentLimits } from "../../src/graphql/document-limits.ts";
import { createDirectExecution, findKnownOperation } from "../../src/graphql/fast-path.ts";
import { createRootFields } from "../../src/graphql/root-fields.ts";
import { createVariableMeasure } from "../../src/graphql/variable-size.ts";
import { createLogger } from "../../src/log.ts";
import { buildSchemaOf } from "../../src/schema/build.ts";

const secret = "canary-4711";

const failures = {
  plain: () => new Error(`connection string ${secret}`),
  ownCode: () => new GraphQLError(secret, { extensions: { code: "MADE_UP", secret } }),
  stolenCode: () => new GraphQLError(secret, { extensions: { code: "FORBIDDEN", secret } }),
  database: () =>
    Object.assign(new Error(`duplicate key (hash)=(${secret})`), {
      code: "23505",
      detail: secret,
      severity: "ERROR",
    }),
  noError: () => secret,
  stolenInput: () => new GraphQLError(secret, { extensions: { code: "BAD_USER_INPUT", secret } }),
  stolenRefusal: () => new GraphQLError(secret, { extensions: { code: "BAD_REQUEST", secret } }),
  argumentLike: () => new GraphQLError(`Argument "text" has invalid value ${secret}`),
  away: () =>
    Object.assign(new Error(`terminating connection ${secret}`), { code: "57P01", severity: "FATAL" }),
  forbidden: () => forbidden(),
  input: () => badUserInput([{ field: "text", rule: "required", message: "A text is required." }]),
};

/** What `thrown` throws. */
let thrown: unknown;

@Resolver()
class Failing {
  @Public()
  @Query(() => String, { nullable: true })
  thrown() {
    throw thrown;
  }
  @Public()
  @Query(() => String, { nullable: true })
  stolenInput() {
    throw failures.stolenInput();
  }
  @Public()
  @Query(() => String, { nullable: true })
  stolenRefusal() {
    throw failures.stolenRefusal();
  }
  @Public()
  @Query(() => String, { nullable: true })
  argumentLike() {
    throw failures.argumentLike();
  }
  @Public()
  @Query(() => String, { nullable: true })
  plain() {
    throw failures.plain();
  }
  @Public()
  @Query(() => String, { nullable: true })
  ownCode() {
    throw failures.ownCode();
  }
  @Public()
  @Query(() => String, { nullable: true })
  stolenCode() {
    throw failures.stolenCode();
  }
  @Public()
  @Query(() => String, { nullable: true })
  database() {
    throw failures.database();
  }
  @Public()
  @Query(() => String, { nullable: true })
  noError() {
    throw failures.noError();
  }
  @Public()
  @Query(() => String, { nullable: true })
  away() {
    throw failures.away();
  }
  @Public()
  @Query(() => String, { nullable: true })
  forbidden() {
    throw failures.forbidden();
  }
  @Public()
  @Query(() => String, { nullable: true })
  input() {
    throw failures.input();
  }
}

const log: string[] = [];
const logger = createLogger({ logLevel: "info" }, { write: (line: string) => void log.push(line) });
const { schema } = buildSchemaOf([Failing] as NonEmptyArray<Class>);
const { documents } = createDocumentCache();
const findVariableExcess = createVariableMeasure(usualDocumentLimits);
const rootOf = createRootFields(schema).find;
const apollo = await createApollo({
  schema,
  introspection: false,
  logger,
  rootOf,
  documents,
  findVariableExcess,
  plugins: [],
});
const executeDirectly = createDirectExecution(schema, logger, rootOf);
afterAll(() => apollo.stop());

const ask = async (field: keyof typeof failures | "thrown") => {
  const request = { query: `{ ${field} }` };
  const context = { exchange: { request: { headers: {} } }, scopes: null } as Context;
  const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: "POST",
      headers: new HeaderMap([["content-type", "application/json"]]),
      search: "",
      body: request,
    },
    context: async () => context,
  });
  const text = body.kind === "complete" ? body.string : "";

  // From the second time on Apollo is not asked, and nobody may see a difference.
  const known = findKnownOperation(documents, findVariableExcess, request);
  const direct = known && (await executeDirectly(known, context, headers.get("content-type") ?? ""));
  expect(direct?.status).toBe(status ?? 200);
  expect(direct?.body).toBe(text);
  expect(direct?.headers).toEqual([...headers].flat());
  return { status: status ?? 200, headers, text, error: JSON.parse(text).errors[0] };
};

const failure = (properties: object, text = "failed") => Object.assign(new Error(text), properties);

describe("what a resolver throws", () => {
  test.each([
    "plain",
    "ownCode",
    "stolenCode",
    "stolenInput",
    "stolenRefusal",
    "argumentLike",
    "database",
    "noError",
  ] as const)("reaches the client as one fixed text with the request id: %s", async (field) => {
    const { status, error, text } = await ask(field);
    expect(status).toBe(200);
    expect(error).toEqual({
      message: errorTable.INTERNAL_SERVER_ERROR.text,
      locations: expect.anything(),
      path: [field],
      extensions: { code: "INTERNAL_SERVER_ERROR", requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(text).not.toContain(secret);
    expect(log.some((line) => line.includes(error.extensions.requestId))).toBe(true);
  });

  test("is SERVICE_UNAVAILABLE with 503 when the database is away", async () => {
    const { status, headers, error, text } = await ask("away");
    expect([status, headers.get("retry-after"), error.extensions]).toEqual([
      503,
      "1",
      { code: "SERVICE_UNAVAILABLE" },
    ]);
    expect(text).not.toContain(secret);
  });

  test.each([
    ["connection failure", failure({ code: "08006", severity: "ERROR" })],
    ["too many connections", failure({ code: "53300", severity: "ERROR" })],
    ["shutting down", failure({ code: "57P01", severity: "ERROR" })],
    ["read-only after a failover", failure({ code: "25006", severity: "ERROR" })],
    ["lock timeout", failure({ code: "55P03", severity: "ERROR" })],
    ["statement timeout", failure({ code: "57014", severity: "ERROR" })],
    ["deadlock", failure({ code: "40P01", severity: "ERROR" })],
    ["a refused login of ours", failure({ code: "28000", severity: "FATAL" })],
    ["refused", failure({ code: "ECONNREFUSED", syscall: "connect" })],
    ["reset", failure({ code: "ECONNRESET", syscall: "read" })],
    ["no place in the pool", failure({}, "timeout exceeded when trying to connect")],
    ["silent", failure({}, "Query read timeout")],
  ])("is SERVICE_UNAVAILABLE when the database is away: %s", async (_name, error) => {
    thrown = error;
    const answer = await ask("thrown");
    expect([answer.status, answer.error.extensions.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
  });

  test.each([
    ["a file that is not there", failure({ code: "ENOENT", syscall: "open" })],
    ["a mistake in our SQL", failure({ code: "42P01", severity: "ERROR" })],
  ])("is no matter of the database's absence: %s", async (_name, error) => {
    thrown = error;
    expect((await ask("thrown")).error.extensions.code).toBe("INTERNAL_SERVER_ERROR");
  });

  test("is shown as it is when it comes from the table", async () => {
    expect((await ask("forbidden")).error.extensions).toEqual({ code: "FORBIDDEN" });
    expect((await ask("input")).error.extensions).toEqual({
      code: "BAD_USER_INPUT",
      fields: [{ field: "text", rule: "required", message: "A text is required." }],
    });
  });

  test("of the database is logged by its code, without its text", async () => {
    log.length = 0;
    await ask("database");
    expect(log.join()).toContain("23505");
    expect(log.join()).not.toContain(secret);
  });

  test("is spelled out in the log where a terminal or an editor would obey it", async () => {
    log.length = 0;
    thrown = new Error("no\u001b\u009b2J\u0085\u2028\u202eforged\u007f\u{e0001}\n[12:00:00] INFO: forged");
    await ask("thrown");
    expect(log.filter((line) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line.slice(0, -1)))).toEqual([]);
    expect(JSON.parse(log[0] ?? "").error.message).toContain(
      "no\u001b\\u{9b}2J\\u{85}\\u{2028}\\u{202e}forged",
    );
  });

  test("is logged when it is its own cause", async () => {
    log.length = 0;
    const error = new Error("It goes round.");
    error.cause = error;
    thrown = error;
    await ask("thrown");
    expect(log.join()).toContain("It goes round.");
  });

  test("of the database is logged without its text as the cause of another error too", async () => {
    log.length = 0;
    thrown = new Error("The note could not be stored.", { cause: failures.database() });
    await ask("thrown");
    expect(log.join()).toContain("The note could not be stored.");
    expect(log.join()).toContain("23505");
    expect(log.join()).not.toContain(secret);
  });
});

describe("is logged without the database's text:", () => {
  test.each<[what: string, error: Error]>([
    ["in a line that looks like a frame", failure({ code: "22P02" }, `no integer:\n    at ${secret}`)],
    ["of the entity manager", ValidationError.fromWrongPropertyType({}, "email", "text", "text", secret)],
    ["of what was not found", NotFoundError.findOneFailed("User", { email: secret })],
  ])("%s", async (_what, error) => {
    log.length = 0;
    expect(error.stack).toContain(secret);
    thrown = error;
    await ask("thrown");
    expect(log.join()).toContain("at ");
    expect(log.join()).not.toContain(secret);
  });
});

test("the table has the texts and statuses that clients rely on", () => {
  expect(errorTable).toEqual({
    UNAUTHENTICATED: { text: "Authentication credentials were not provided." },
    INVALID_CREDENTIALS: { text: "Unable to log in with provided credentials." },
    INVALID_TOKEN: { text: "This link is no longer valid." },
    FORBIDDEN: { text: "You do not have permission to perform this action." },
    NOT_FOUND: { text: "Not found." },
    SECOND_FACTOR_REQUIRED: { text: "Please add a second factor to your account first." },
    REAUTHENTICATION_REQUIRED: { text: "Please log in again to do this." },
    BAD_USER_INPUT: { text: expect.any(String) },
    RATE_LIMITED: { status: 429, text: "Too many attempts. Please wait." },
    SERVICE_UNAVAILABLE: { status: 503, text: expect.any(String) },
    CROSS_SITE_REQUEST: { status: 403, text: expect.any(String) },
    BAD_REQUEST: { status: 400, text: expect.any(String) },
    PERSISTED_QUERY_NOT_SUPPORTED: { text: "PersistedQueryNotSupported" },
    METHOD_NOT_ALLOWED: { status: 405, text: expect.any(String) },
    PAYLOAD_TOO_LARGE: { status: 413, text: expect.any(String) },
    UNSUPPORTED_MEDIA_TYPE: { status: 415, text: expect.any(String) },
    GRAPHQL_PARSE_FAILED: { status: 400, text: expect.any(String) },
    GRAPHQL_VALIDATION_FAILED: { status: 400, text: expect.any(String) },
    INTERNAL_SERVER_ERROR: { status: 500, text: expect.any(String) },
  });
});
