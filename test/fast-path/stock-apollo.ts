// Apollo Server as its documentation sets it up, over the same schema and the same rows as the app beside it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express from "express";
import { createTokenHeader } from "../../src/auth/authentication/authorization-header.ts";
import { Context } from "../../src/auth/context.ts";
import { createServices } from "../../src/auth/services.ts";
import { invalidBearer } from "../../src/errors.ts";
import { createLogger } from "../../src/log.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { type App, openDefaultApplication } from "../harness/server.ts";

export interface StockApollo {
  readonly origin: string;
  close(): Promise<void>;
}

export const startStockApollo = async ({ server, config }: App): Promise<StockApollo> => {
  const apollo = new ApolloServer<Context>({
    schema: buildGuardedSchema(await openDefaultApplication()).schema,
    nodeEnv: "production",
    introspection: config.introspection,
    // Switched off like ours, so that both refuse: what is left is how.
    persistedQueries: false,
    stopOnTerminationSignals: false,
  });
  await apollo.start();

  const services = createServices({
    readList: null,
    accounts: {},
    reservedUsernames: [],
    brandName: null,
    config: { ...config, viewerCache: false, registration: "closed", breachedPasswordsUrl: null },
    opened: server.database,
    redis: null,
    sessionSecrets: config.sessionSecrets,
    rolesInRules: [],
    logger: createLogger(config, { write: () => undefined }),
    meter: null,
  });
  const app = express();
  app.use(
    "/graphql",
    express.json(),
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const token = createTokenHeader(config.tokenHeader).readToken(req);
        const tokenViewer = token === null ? null : await services.viewers.find("token", token);
        if (token !== null && tokenViewer === null) throw invalidBearer();
        return new Context({
          services,
          requestId: "",
          exchange: { request: req, response: res },
          client: { ipAddress: null, userAgent: null },
          token,
          tokenViewer,
          onViewer: () => undefined,
          onLogin: () => undefined,
          extend: null,
        });
      },
    }),
  );
  const listening = createServer(app).listen(0, "127.0.0.1");
  await once(listening, "listening");
  return {
    origin: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    async close() {
      listening.closeAllConnections();
      listening.close();
      await apollo.stop();
      await services.close();
    },
  };
};
