// Apollo Server: executes operations, speaks GraphQL over HTTP, and shows nothing of its own.
import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../auth/context.ts";
import { serviceUnavailable } from "../errors.ts";
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
    plugins: [ApolloServerPluginLandingPageDisabled(), recordOutcome(options.logger)],
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
        if (code === "SERVICE_UNAVAILABLE") answerUnavailable(context);
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

/** A masked database failure carries no status of its own. */
const answerUnavailable = ({
  response,
}: GraphQLRequestContext<Context> & {
  response: { http: { status?: number; headers: Map<string, string> } };
}) => {
  const { status, headers } = serviceUnavailable();
  if (status !== undefined) response.http.status = status;
  for (const [name, value] of headers) response.http.headers.set(name, value);
};
