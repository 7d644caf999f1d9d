// Apollo Server: executes operations, speaks GraphQL over HTTP, and shows nothing of its own.
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../auth/context.ts";
import type { ApolloMemory } from "./apollo-memory.ts";
import { maskError } from "./error-mask.ts";
import { concludeErrors } from "./operation-errors.ts";
import { nameOperation, recordOf } from "./request-record.ts";

export const createApollo = async (options: {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly logger: Logger;
  readonly documents: ApolloMemory["documents"];
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
      keepDocuments(options.documents),
      recordOutcome(options.logger),
    ],
  });
  await apollo.start();
  return apollo;
};

/** Apollo comes here with documents that have passed validation, and with no others. */
const keepDocuments = (documents: ApolloMemory["documents"]): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ source, document }) => documents.keep(source, document),
  }),
});

const recordOutcome = (logger: Logger): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ contextValue, operationName, response, errors = [] }) => {
      const record = recordOf(contextValue.exchange.request);
      nameOperation(record, operationName);
      if (response.body.kind !== "single") return;
      const result = response.body.singleResult;
      if (result.errors !== undefined)
        result.errors = concludeErrors(
          logger,
          record,
          { formatted: result.errors, raw: errors },
          response.http,
        );
    },
  }),
});
