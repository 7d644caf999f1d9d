// Apollo Server: runs operations over HTTP, with its landing page, error details and batching off.
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { type GraphQLSchema, OperationTypeNode } from "graphql";
import type { Logger } from "pino";
import type { SchemaViews } from "../auth/access/introspection/schema-views.ts";
import type { Context } from "../auth/context.ts";
import { refusedDocument } from "../errors.ts";
import { nameOperation, recordOf } from "../http/request/record.ts";
import type { DocumentCache } from "./document-cache.ts";
import { maskError } from "./error-mask.ts";
import { answerIntrospection, hasSchemaOperation } from "./introspection.ts";
import { concludeErrors } from "./operation-errors.ts";
import type { RootFields } from "./root-fields.ts";
import type { VariableMeasure } from "./variable-size.ts";

/** Developers fix a document one error at a time, and every error repeats parts of the document. */
const maxValidationErrors = 15;

export const createApollo = async (options: {
  readonly schema: GraphQLSchema;
  /** False: introspection is refused. */
  readonly introspection: SchemaViews | false;
  readonly logger: Logger;
  readonly rootOf: RootFields["find"];
  readonly documents: DocumentCache["documents"];
  readonly findVariableExcess: VariableMeasure;
  /** The application's plugins. */
  readonly plugins: readonly ApolloServerPlugin<Context>[];
}): Promise<ApolloServer<Context>> => {
  const apollo = new ApolloServer<Context>({
    schema: options.schema,
    introspection: options.introspection !== false,
    formatError: maskError,
    // One operation per request: a batch would multiply everything that is limited per request.
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    // Computing suggestions takes longer than the rest of validation. error-mask.ts removes those that remain.
    validationOptions: { hideSuggestions: true, maxErrors: maxValidationErrors },
    stopOnTerminationSignals: false,
    logger: options.logger,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      admitDocuments(options),
      ...(options.introspection ? [answerIntrospection(options.introspection)] : []),
      recordOutcome(options),
      ...options.plugins,
    ],
  });
  await apollo.start();
  return apollo;
};

const streamsOnly =
  "A subscription is a stream. Send it in a document of its own, without __schema and __type in another operation.";

/** Apollo calls this hook only with documents that have passed validation. */
const admitDocuments = ({
  documents,
  findVariableExcess,
}: {
  readonly documents: DocumentCache["documents"];
  readonly findVariableExcess: VariableMeasure;
}): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ source, document, request, operation }) => {
      // Apollo would run its resolver without an event, and behind none of the checks of a stream.
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) throw refusedDocument(streamsOnly);
      if (!hasSchemaOperation(document)) documents.keep(source, document);
      const excess = request.variables ? findVariableExcess(request.variables) : null;
      if (excess !== null) throw refusedDocument(excess.text);
    },
  }),
});

const recordOutcome = ({
  logger,
  rootOf,
}: {
  readonly logger: Logger;
  readonly rootOf: RootFields["find"];
}): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ contextValue, operationName, document, operation, response, errors = [] }) => {
      const record = recordOf(contextValue.exchange.request);
      nameOperation(record, operationName);
      // Only a validated document has an operation here.
      if (document && operation) record.root = rootOf(document, operation);
      if (response.body.kind !== "single") return;
      const result = response.body.singleResult;
      if (result.errors !== undefined)
        result.errors = concludeErrors(
          logger,
          contextValue,
          { formatted: result.errors, raw: errors },
          response.http,
        );
    },
  }),
});
