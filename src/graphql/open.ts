// Builds the GraphQL part: Apollo Server, the document cache, the fast path and the endpoint.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { createSchemaViews } from "../auth/access/introspection/schema-views.ts";
import type { AccessRules } from "../auth/access/rules.ts";
import { createTokenHeader } from "../auth/authentication/authorization-header.ts";
import type { Services } from "../auth/services.ts";
import type { Config } from "../config/config.ts";
import type { ResponseSender } from "../http/response.ts";
import { createApollo } from "./apollo.ts";
import { createDocumentCache } from "./document-cache.ts";
import { createDocumentLimits } from "./document-limits.ts";
import { createGraphqlEndpoint } from "./endpoint.ts";
import { createDirectExecution } from "./fast-path.ts";
import { createVariableMeasure } from "./variable-size.ts";

export interface GraphqlParts {
  readonly schema: Parameters<typeof createSchemaViews>[0];
  readonly rules: AccessRules;
  readonly config: Config;
  readonly services: Services;
  readonly responses: ResponseSender;
  readonly logger: Logger;
}

export interface OpenGraphql {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  stop(): Promise<void>;
}

export async function openGraphql(parts: GraphqlParts): Promise<OpenGraphql> {
  const { schema, rules, config, services, responses, logger } = parts;
  const cache = createDocumentCache();
  const limits = createDocumentLimits(config.documentLimits);
  const findVariableExcess = createVariableMeasure(limits);
  const apollo = await createApollo({
    schema,
    introspection: config.introspection && createSchemaViews(schema, rules, config),
    logger,
    documents: cache.documents,
    findVariableExcess,
  });
  const executeDirectly = config.fastPath ? createDirectExecution(schema, logger) : null;
  const tokenHeader = createTokenHeader(config.tokenHeader);
  return {
    handle: createGraphqlEndpoint({
      apollo,
      cache,
      limits,
      findVariableExcess,
      executeDirectly,
      responses,
      services,
      tokenHeader,
    }),
    stop: () => apollo.stop(),
  };
}
