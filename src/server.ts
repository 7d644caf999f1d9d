// Composition root: schema, database, services, HTTP, GraphQL, jobs. Reads as a table of contents.
import "reflect-metadata";
import type { Logger } from "pino";
import { rolesInRules } from "./auth/access/permissions.ts";
import { createFirstAccount, type FirstAccount } from "./auth/administration/first-account.ts";
import { createServices } from "./auth/services.ts";
import { requireAuditKeys } from "./config/audit-key.ts";
import type { Config } from "./config/config.ts";
import { requireSessionSecrets } from "./config/session-secret.ts";
import { type OpenDatabaseWithEntities, openDatabaseWithEntities } from "./database/open.ts";
import { openGraphql } from "./graphql/open.ts";
import { createAddressReader } from "./http/client-address.ts";
import { createCors } from "./http/cors.ts";
import { createErrorResponder } from "./http/error-response.ts";
import { listen } from "./http/listener.ts";
import { createRequestHandler } from "./http/request-handler.ts";
import { createRequestLog } from "./http/request-log.ts";
import { createResponseSender } from "./http/response.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { createUnlistedOriginLog } from "./http/unlisted-origins.ts";
import { openJobs } from "./jobs/open.ts";
import { resolvers } from "./resolvers/index.ts";
import { createRoutes } from "./routes.ts";
import { requireAccessLock } from "./schema/access-lock-file.ts";
import { buildGuardedSchema } from "./schema/build.ts";
import { seconds } from "./time.ts";

export interface RunningServer {
  readonly port: number;
  readonly database: OpenDatabaseWithEntities;
  /** Created by this start. Its password exists nowhere else. */
  readonly firstAccount: FirstAccount | null;
  /** Reports "not ready" first, then finishes requests and mail, then closes the database. */
  close(): Promise<void>;
}

const graceForWork = seconds(8);

/** Throws an error with readable lines when a start is not possible. */
export async function startServer(config: Config, logger: Logger): Promise<RunningServer> {
  const guarded = buildGuardedSchema(resolvers, config);
  await requireAccessLock(guarded);
  const sessionSecrets = await requireSessionSecrets(config);
  const auditKeys = await requireAuditKeys(config);

  const opened = await openDatabaseWithEntities(config);
  const services = createServices({
    config,
    opened,
    sessionSecrets,
    rolesInRules: rolesInRules(guarded.schema),
    logger,
  });
  const closeDatabase = async () => {
    await services.close();
    await opened.close();
  };

  try {
    const firstAccount = await prepareDatabase(config, opened);
    let isClosing = false;
    const https = config.publicUrl.protocol === "https:";
    const headersOfData = securityHeaders({ https, of: "data" });
    const cors = createCors(config.allowedOrigins);
    const responses = createResponseSender(headersOfData, cors);
    const respondWithError = createErrorResponder(logger, responses);
    const graphql = await openGraphql({ ...guarded, config, services, responses, logger });
    const app = createRoutes({
      isReady: async () => !isClosing && (await opened.isReady()),
      hasExplorer: config.explorer,
      headersOfPages: securityHeaders({ https, of: "pages" }),
      handleGraphql: graphql.handle,
      respondWithError,
    });
    const readAddress = createAddressReader(config.trustProxy, () =>
      logger.warn("trusted proxy sent X-Forwarded-For without an IP: its clients share rate limits"),
    );
    const requestHandler = createRequestHandler({
      logRequest: createRequestLog(logger, readAddress),
      responses,
      cors,
      allowedOrigins: config.allowedOrigins,
      logUnlistedOrigin: createUnlistedOriginLog(config.allowedOrigins, logger),
      handleGraphql: graphql.handle,
      respondWithError,
      app,
    });
    const listener = await listen(requestHandler, {
      ...config,
      headersOfAll: headersOfData,
      logRefusal: (refusal) => logger.info(refusal, "malformed HTTP request refused"),
    });
    const jobs = openJobs({ config, opened, sessionSecrets, auditKeys, logger });

    return {
      port: listener.port,
      database: opened,
      firstAccount,
      close: async () => {
        isClosing = true;
        await Promise.all([listener.close(graceForWork), jobs.close(graceForWork)]);
        await graphql.stop();
        await closeDatabase();
      },
    };
  } catch (error) {
    await closeDatabase();
    throw error;
  }
}

/** The first account is for development only: in production, an operator creates one. */
const prepareDatabase = async (
  config: Config,
  opened: OpenDatabaseWithEntities,
): Promise<FirstAccount | null> => {
  await opened.requireRights();
  if (config.autoMigrate && !(await opened.isMigrated())) await opened.migrate();
  const mayMakeAccount = !config.production && opened.isEmbedded && config.autoMigrate;
  return mayMakeAccount ? createFirstAccount(opened.database) : null;
};
