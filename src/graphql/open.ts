// Builds the GraphQL part: Apollo Server, the document cache, the fast path and the endpoint.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApolloServerPlugin } from "@apollo/server";
import type { Logger } from "pino";
import { createSchemaViews } from "../auth/access/introspection/schema-views.ts";
import type { AccessRules } from "../auth/access/rules.ts";
import { createTokenHeader } from "../auth/authentication/authorization-header.ts";
import type { Context, ExtendContext } from "../auth/context.ts";
import type { Services } from "../auth/services.ts";
import type { Config } from "../config/config.ts";
import type { ResponseSender } from "../http/response.ts";
import { createApollo } from "./apollo.ts";
import { createDocumentCache } from "./document-cache.ts";
import { createDocumentLimits } from "./document-limits.ts";
import { createContextOpener, createGraphqlEndpoint, type Endpoint } from "./endpoint.ts";
import { createDirectExecution } from "./fast-path.ts";
import { createRootFields } from "./root-fields.ts";
import { findSubscription } from "./subscriptions/find.ts";
import { createSubscriptions } from "./subscriptions/serve.ts";
import { createVariableMeasure } from "./variable-size.ts";

export interface GraphqlParts {
  readonly schema: Parameters<typeof createSchemaViews>[0];
  readonly rules: AccessRules;
  readonly config: Config;
  readonly services: Services;
  readonly responses: ResponseSender;
  readonly logger: Logger;
  readonly application: ApplicationGraphql;
}

/** What an application adds to the execution of operations. */
export interface ApplicationGraphql {
  readonly plugins: readonly ApolloServerPlugin<Context>[];
  readonly extendContext: ExtendContext | null;
}

export interface OpenGraphql extends Endpoint {
  readonly openContext: (request: IncomingMessage, response: ServerResponse) => Promise<Context>;
  stop(): Promise<void>;
}

export async function openGraphql(parts: GraphqlParts): Promise<OpenGraphql> {
  const { schema, rules, config, services, responses, logger, application } = parts;
  const cache = createDocumentCache();
  const limits = createDocumentLimits(config.documentLimits);
  const findVariableExcess = createVariableMeasure(limits);
  const rootOf = services.meter?.rootOf ?? createRootFields(schema).find;
  const apollo = await createApollo({
    schema,
    introspection: config.introspection && createSchemaViews(schema, rules, config),
    logger,
    rootOf,
    documents: cache.documents,
    findVariableExcess,
    plugins: application.plugins,
  });
  // Plugins see every operation: Apollo executes it, whatever FAST_PATH says.
  const isFast = config.fastPath && application.plugins.length === 0;
  const executeDirectly = isFast ? createDirectExecution(schema, logger, rootOf) : null;
  const tokenHeader = createTokenHeader(config.tokenHeader);
  const openContext = createContextOpener({
    services,
    tokenHeader,
    extendContext: application.extendContext,
  });
  const endpoint = createGraphqlEndpoint({
    apollo,
    cache,
    limits,
    findVariableExcess,
    executeDirectly,
    findSubscription: (request, body) =>
      findSubscription({ schema, documents: cache.documents, limits, findVariableExcess }, request, body),
    serveSubscription: createSubscriptions({ schema, logger, rootOf }),
    responses,
    logger,
    openContext,
    meter: services.meter,
    slowOperation: { after: config.slowOperation, logger },
  });
  return { ...endpoint, openContext, stop: () => apollo.stop() };
}
