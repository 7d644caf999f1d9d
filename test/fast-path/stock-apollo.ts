// Apollo Server as its documentation sets it up, over the same schema and the same rows as the app beside it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express from "express";
import { createRefusals } from "../../src/auth/audit/refusals.ts";
import { readToken } from "../../src/auth/authentication/authorization-header.ts";
import { openViewers } from "../../src/auth/authentication/open.ts";
import { deriveDeviceKeys } from "../../src/auth/browsers/known-devices.ts";
import { createDeviceCookies } from "../../src/auth/browsers/trusted-browser.ts";
import { Context } from "../../src/auth/context.ts";
import { createPasswordAttempts } from "../../src/auth/limits/password-attempts.ts";
import { createBudgetKey, createRateLimits } from "../../src/auth/limits/rate-limits.ts";
import { neverBreached } from "../../src/auth/passwords/breached.ts";
import { createSecretFinder } from "../../src/auth/secrets/presented-credential.ts";
import { createSessionCookies } from "../../src/auth/sessions/cookie.ts";
import { invalidBearer } from "../../src/errors.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import type { App } from "../harness/server.ts";

export interface StockApollo {
  readonly origin: string;
  close(): Promise<void>;
}

export const startStockApollo = async ({ server, config, database }: App): Promise<StockApollo> => {
  const apollo = new ApolloServer<Context>({
    schema: buildGuardedSchema().schema,
    nodeEnv: "production",
    introspection: config.introspection,
    // Switched off like ours, so that both refuse: what is left is how.
    persistedQueries: false,
    stopOnTerminationSignals: false,
  });
  await apollo.start();

  const findSecret = createSecretFinder(config.sessionSecrets);
  const refusals = createRefusals({ database, onError: () => undefined });
  const viewers = openViewers(server.database, { viewerCache: false, findSecret, rolesAskedFor: [] });
  const cookies = createSessionCookies({
    database,
    secrets: config.sessionSecrets,
    findSecret,
    secure: false,
    onEnded: viewers.forget,
  });
  const budgets = {
    database,
    settings: config.rateLimits,
    keyOf: createBudgetKey(config.sessionSecrets),
    refusals,
  };
  const limits = createRateLimits(budgets);
  const app = express();
  app.use(
    "/graphql",
    express.json(),
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const token = readToken(req);
        const tokenViewer = token === null ? null : await viewers.find("token", token);
        if (token !== null && tokenViewer === null) throw invalidBearer();
        return new Context({
          requestId: "",
          forkEntityManager: () => server.database.orm.em.fork(),
          database,
          viewers,
          refusals,
          accounts: {
            isRegistrationOpen: false,
            passwordPolicy: { isBreached: neverBreached, serviceWords: [] },
            oneTimeKeys: [],
            deviceKeys: deriveDeviceKeys(config.sessionSecrets),
          },
          limits,
          attempts: createPasswordAttempts({ ...budgets, limits }),
          devices: createDeviceCookies({ secrets: config.sessionSecrets, secure: false }),
          cookies,
          exchange: { request: req, response: res },
          client: { ipAddress: null, userAgent: null },
          token,
          tokenViewer,
          onViewer: () => undefined,
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
      await viewers.close();
      await refusals.close();
    },
  };
};
