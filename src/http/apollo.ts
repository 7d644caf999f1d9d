// Apollo Server: executes operations, speaks GraphQL over HTTP, and shows nothing of its own.
import { ApolloServer, type ApolloServerPlugin, type HTTPGraphQLHead } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../auth/context.ts";
import { isErrorCode, serviceUnavailable, statusOf } from "../errors.ts";
import { describeForLog } from "./error-log.ts";
import { maskError } from "./error-mask.ts";
import { recordOf } from "./request-record.ts";

export const createApollo = async (options: {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly logger: Logger;
}): Promise<ApolloServer<Context>> => {
  const apollo = new ApolloServer<Context>({
    schema: options.schema,
    introspection: options.introspection,
    formatError: maskError,
    // One request, one operation: a batch would multiply whatever is limited by request.
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    logger: options.logger,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      recordOutcome(options.logger),
    ],
  });
  await apollo.start();
  return apollo;
};

/** Tells the log how an operation ended, and the client under which id to ask about it. */
const recordOutcome = (logger: Logger): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    willSendResponse: async (context) => {
      const record = recordOf(context.contextValue.exchange.request);
      if (context.operationName) record.operationName = context.operationName.slice(0, longestOperationName);
      if (context.response.body.kind !== "single") return;
      const formatted = context.response.body.singleResult.errors;
      if (formatted === undefined) return;
      context.response.body.singleResult.errors = formatted.map((error, index) => {
        const code = String(error.extensions?.code);
        record.outcomes.add(code);
        setStatus(context.response.http, error);
        if (code !== "INTERNAL_SERVER_ERROR") return error;
        logger.error(
          {
            requestId: record.id,
            path: error.path,
            error: describeForLog(unwrapResolverError(context.errors?.[index])),
          },
          "field failed",
        );
        return withRequestId(error, record.id);
      });
    },
  }),
});

/** A client may name an operation as long as a document; a log line need not. */
const longestOperationName = 100;

const withRequestId = (error: GraphQLFormattedError, requestId: string): GraphQLFormattedError => ({
  ...error,
  extensions: { ...error.extensions, requestId },
});

/** What formatError decides comes too late for Apollo's own choice of status. */
const setStatus = (http: HTTPGraphQLHead, { path, extensions }: GraphQLFormattedError): void => {
  const code = extensions?.code;
  if (!isErrorCode(code)) return;
  const isUndecided = http.status === undefined || http.status === 200;
  const status =
    code === "SERVICE_UNAVAILABLE" || (path === undefined && isUndecided) ? statusOf(code) : undefined;
  if (status !== undefined) http.status = status;
  if (code === "SERVICE_UNAVAILABLE")
    for (const [name, value] of serviceUnavailable().headers) http.headers.set(name, value);
};
