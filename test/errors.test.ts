import { HeaderMap } from "@apollo/server";
import { GraphQLError } from "graphql";
import { pino } from "pino";
import { type NonEmptyArray, Query, Resolver } from "type-graphql";
import { afterAll, describe, expect, test } from "vitest";
import type { Class } from "../src/auth/access-rules.ts";
import { Public } from "../src/auth/public.ts";
import { badUserInput, errorTable, forbidden } from "../src/errors.ts";
import { createApollo } from "../src/http/apollo.ts";
import { buildGuardedSchema } from "../src/schema.ts";

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
  away: () =>
    Object.assign(new Error(`terminating connection ${secret}`), { code: "57P01", severity: "FATAL" }),
  forbidden: () => forbidden(),
  input: () => badUserInput([{ field: "text", rule: "required", message: "A text is required." }]),
};

@Resolver()
class Failing {
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
const apollo = await createApollo({
  schema: buildGuardedSchema([Failing] as NonEmptyArray<Class>).schema,
  introspection: false,
  logger: pino({}, { write: (line: string) => void log.push(line) }),
});
afterAll(() => apollo.stop());

const ask = async (field: keyof typeof failures) => {
  const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: "POST",
      headers: new HeaderMap([["content-type", "application/json"]]),
      search: "",
      body: { query: `{ ${field} }` },
    },
    context: async () => ({ exchange: { request: {} } }) as never,
  });
  const text = body.kind === "complete" ? body.string : "";
  return { status: status ?? 200, headers, text, error: JSON.parse(text).errors[0] };
};

describe("what a resolver throws", () => {
  test.each(["plain", "ownCode", "stolenCode", "database", "noError"] as const)(
    "reaches the client as one fixed text with the request id: %s",
    async (field) => {
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
    },
  );

  test("is SERVICE_UNAVAILABLE with 503 when the database is away", async () => {
    const { status, headers, error, text } = await ask("away");
    expect([status, headers.get("retry-after"), error.extensions]).toEqual([
      503,
      "1",
      { code: "SERVICE_UNAVAILABLE" },
    ]);
    expect(text).not.toContain(secret);
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
});
