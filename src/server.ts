// Composition root: database, schema, HTTP, routes. Reads as a table of contents.
import { rolesAskedFor } from "./auth/access/permissions.ts";
import "reflect-metadata";
import express, { type ErrorRequestHandler } from "express";
import type { Logger } from "pino";
import { accountPages, builtAccountPages } from "./account-pages/serve.ts";
import { createSchemaViews } from "./auth/access/introspection/schema-views.ts";
import { createFirstAccount, type FirstAccount } from "./auth/administration/first-account.ts";
import { createRefusals } from "./auth/audit/refusals.ts";
import { openViewers } from "./auth/authentication/open.ts";
import { deriveDeviceKeys } from "./auth/browsers/known-devices.ts";
import { createDeviceCookies } from "./auth/browsers/trusted-browser.ts";
import { createPasswordAttempts } from "./auth/limits/password-attempts.ts";
import { createBudgetKey, createRateLimits } from "./auth/limits/rate-limits.ts";
import { createBreachCheck } from "./auth/passwords/breached.ts";
import { serviceWordsOf } from "./auth/passwords/service-words.ts";
import { deriveOneTimeKeys } from "./auth/secrets/one-time-tokens.ts";
import { createSecretFinder } from "./auth/secrets/presented-credential.ts";
import { createSessionCookies } from "./auth/sessions/cookie.ts";
import { requireAuditKeys } from "./config/audit-key.ts";
import type { Config } from "./config/config.ts";
import { requireSessionSecrets } from "./config/session-secret.ts";
import { type OpenDatabase, openDatabase } from "./database/open.ts";
import { describeForLog } from "./error-log.ts";
import { builtExplorer, explorerFiles, explorerPage } from "./explorer/serve.ts";
import { createApollo } from "./graphql/apollo.ts";
import { createApolloMemory } from "./graphql/document-cache.ts";
import { createGraphqlEndpoint } from "./graphql/endpoint.ts";
import { createDirectExecution } from "./graphql/fast-path.ts";
import { createAddressReader } from "./http/client-address.ts";
import { createCors } from "./http/cors.ts";
import { createErrorAnswers, refuseUnknownRoutes } from "./http/error-response.ts";
import { healthRoutes } from "./http/health.ts";
import { listen } from "./http/listener.ts";
import { createFrontDoor, graphqlRoute } from "./http/request-handler.ts";
import { createRequestLog } from "./http/request-log.ts";
import { createAnswerSender } from "./http/response.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { schedulePruning } from "./jobs/pruning.ts";
import { scheduleSealing } from "./jobs/sealing.ts";
import { openMail } from "./mail/open-mail.ts";
import { resolvers } from "./resolvers/index.ts";
import { requireAccessLock } from "./schema/access-lock-file.ts";
import { buildGuardedSchema } from "./schema/build.ts";
import { seconds } from "./time.ts";

export interface RunningServer {
  readonly port: number;
  readonly database: OpenDatabase;
  /** Made by this start. Its password is nowhere else. */
  readonly firstAccount: FirstAccount | null;
  /** Not ready at once; then requests and mail under way finish, then the database is left. */
  close(): Promise<void>;
}

const graceForWork = seconds(8);

/** Throws an error of readable lines for everything that must be put right before a start. */
export const startServer = async (config: Config, logger: Logger): Promise<RunningServer> => {
  const guarded = buildGuardedSchema(resolvers, config);
  await requireAccessLock(guarded);
  const secrets = await requireSessionSecrets(config);
  const auditKeys = await requireAuditKeys(config);
  const opened = await openDatabase(config);
  const findSecret = createSecretFinder(secrets);
  const viewers = openViewers(opened, {
    viewerCache: config.viewerCache,
    findSecret,
    rolesAskedFor: rolesAskedFor(guarded.schema),
  });
  const refusals = createRefusals({
    database: opened.database,
    onError: (error) => logger.warn({ error: describeForLog(error) }, "a refusal could not be recorded"),
  });
  const closeDatabase = async () => {
    await viewers.close();
    await refusals.close();
    await opened.close();
  };
  try {
    if (config.autoMigrate) await opened.migrate();
    const mayMakeAccount = !config.production && opened.isEmbedded && config.autoMigrate;
    const firstAccount = mayMakeAccount ? await createFirstAccount(opened.database) : null;
    const memory = createApolloMemory();
    const apollo = await createApollo({
      schema: guarded.schema,
      introspection: config.introspection && createSchemaViews(guarded.schema, guarded.rules, config),
      logger,
      documents: memory.documents,
    });
    const https = config.publicUrl.protocol === "https:";
    const cors = createCors(config.allowedOrigins);
    const headersOfPages = securityHeaders({ https, of: "pages" });
    const headersOfData = securityHeaders({ https, of: "data" });
    const answers = createAnswerSender(headersOfData, cors);
    const answerError = createErrorAnswers(logger, answers);
    const budgets = {
      database: opened.database,
      settings: config.rateLimits,
      keyOf: createBudgetKey(secrets),
      refusals,
    };
    const limits = createRateLimits(budgets);
    const answerGraphql = createGraphqlEndpoint({
      apollo,
      memory,
      executeDirectly: createDirectExecution(guarded.schema, logger),
      answers,
      database: opened.database,
      viewers,
      refusals,
      accounts: {
        isRegistrationOpen: config.registration === "open",
        passwordPolicy: {
          isBreached: createBreachCheck(config.breachedPasswordsUrl, (error) =>
            logger.warn({ error: describeForLog(error) }, "BREACHED_PASSWORDS_URL did not answer"),
          ),
          serviceWords: serviceWordsOf(config),
        },
        oneTimeKeys: deriveOneTimeKeys(secrets),
        deviceKeys: deriveDeviceKeys(secrets),
      },
      limits,
      attempts: createPasswordAttempts({ ...budgets, limits }),
      devices: createDeviceCookies({ secrets, secure: https }),
      forkEntityManager: () => opened.orm.em.fork(),
      cookies: createSessionCookies({
        database: opened.database,
        secrets,
        findSecret,
        secure: https,
        onEnded: viewers.forget,
      }),
    });
    let isClosing = false;

    const app = express().disable("x-powered-by").disable("etag");
    app.use(
      "/health",
      healthRoutes(async () => !isClosing && (await opened.isReady())),
    );
    app.use("/account", accountPages(builtAccountPages, headersOfPages));
    if (config.explorer) app.use("/explorer", explorerFiles(builtExplorer));
    app.all(
      "/graphql",
      graphqlRoute(config.explorer ? explorerPage(builtExplorer, headersOfPages) : null, answerGraphql),
    );
    app.use(refuseUnknownRoutes);
    app.use(((error, request, response, _next) =>
      answerError(error, request, response)) as ErrorRequestHandler);

    const frontDoor = createFrontDoor({
      logRequest: createRequestLog(
        logger,
        createAddressReader(config.trustProxy, () =>
          logger.warn(
            "A trusted proxy sends X-Forwarded-For without an address: its clients share their limits",
          ),
        ),
      ),
      answers,
      cors,
      allowedOrigins: config.allowedOrigins,
      answerGraphql,
      answerError,
      app,
    });
    const listener = await listen(frontDoor, {
      ...config,
      headersOfAll: headersOfData,
      logRefusal: (refusal) => logger.info(refusal, "no request"),
    });
    const retention = { keep: config.auditRetention, requireKeys: async () => auditKeys };
    const stopPruning = schedulePruning(opened.database, retention, logger);
    const sealing = scheduleSealing(opened.database, auditKeys, logger);
    const mail = openMail({ config, opened, sessionSecrets: secrets, logger });
    return {
      port: listener.port,
      database: opened,
      firstAccount,
      close: async () => {
        isClosing = true;
        stopPruning();
        await Promise.all([listener.close(graceForWork), mail.close(graceForWork)]);
        await apollo.stop();
        await sealing.stop();
        await closeDatabase();
      },
    };
  } catch (error) {
    await closeDatabase();
    throw error;
  }
};
