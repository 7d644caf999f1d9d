// Composition root: schema, database, services, HTTP, GraphQL, jobs. Reads as a table of contents.
import "reflect-metadata";
import { setTimeout as wait } from "node:timers/promises";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { type Application, noApplication } from "./application/application.ts";
import { rolesInRules } from "./auth/access/permissions.ts";
import type { AccountHooks } from "./auth/account-hooks.ts";
import { createFirstAccount, type FirstAccount } from "./auth/administration/first-account.ts";
import { createTokenHeader } from "./auth/authentication/authorization-header.ts";
import { requireMinLength } from "./auth/passwords/policy.ts";
import { createServices } from "./auth/services.ts";
import { hasUsers } from "./auth/users/find.ts";
import type { Config } from "./config/config.ts";
import { isOwnDatabase } from "./config/database/transport.ts";
import { requireAuditKeys } from "./config/secrets/audit-key.ts";
import { requireSessionSecrets } from "./config/secrets/session-secret.ts";
import { countConnections, countReplicaConnections } from "./database/connecting/budget.ts";
import { findClockError } from "./database/connecting/clock.ts";
import { createsUsers } from "./database/migration-files.ts";
import {
  type OpenDatabase,
  type OpenDatabaseWithEntities,
  openDatabaseWithEntities,
} from "./database/open.ts";
import { openReplica, type Replica } from "./database/replica/open.ts";
import { untilMigrated, untilRead, type Waiting } from "./database/waiting.ts";
import { serviceUnavailable } from "./errors.ts";
import { type OpenGraphql, openGraphql } from "./graphql/open.ts";
import type { SocketParts } from "./graphql/subscriptions/socket.ts";
import { findFailedCheck } from "./http/application-health.ts";
import { createAddressReader, createProxyCheck } from "./http/client-address.ts";
import { createCors } from "./http/cors.ts";
import { createErrorResponder } from "./http/error-response.ts";
import { listen } from "./http/listener.ts";
import { createReadiness, type Readiness } from "./http/readiness.ts";
import { createRequestLog } from "./http/request/log.ts";
import { traceRequests } from "./http/request/span.ts";
import { createRequestHandler } from "./http/request-handler.ts";
import { createResponseSender } from "./http/response.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { createStartGate } from "./http/start-gate.ts";
import { createUnlistedOriginLog } from "./http/unlisted-origins.ts";
import { createWebSocketUpgrade } from "./http/websocket-upgrade.ts";
import { type OpenJobs, openJobs } from "./jobs/open.ts";
import type { Live } from "./live/open.ts";
import { findFormCallbacks } from "./login-pages/form-answer.ts";
import type { MetricsListener } from "./metrics/listener.ts";
import type { Metrics } from "./metrics/open.ts";
import type { OpenRedis } from "./redis/open.ts";
import { createRoutes } from "./routes.ts";
import { requireAccessLock } from "./schema/access-lock-file.ts";
import { buildGuardedSchema, withFederation } from "./schema/build.ts";
import { seconds, toSeconds } from "./time.ts";

export interface RunningServer {
  readonly port: number;
  /** Null: metrics are off. */
  readonly metricsPort: number | null;
  readonly database: OpenDatabaseWithEntities;
  /** For the text of a start in development, which says how to create the first one. */
  readonly hasUsers: boolean;
  /** Created by this start. Its password exists nowhere else. */
  readonly firstAccount: FirstAccount | null;
  /**
   * Reports "not ready" first, then finishes requests and mail, then closes the database. If another process serves on at this
   * address, nobody is told: a balancer would take the whole address out.
   */
  close(end?: { readonly isReplaced: boolean }): Promise<void>;
}

/** Longer than any request takes: each ends within 5 seconds, with a 503 if the database does not reply. */
const graceForWork = seconds(8);

/** For a client to use another connection, and so another process: each response of this one closes its own. */
const timeToMove = seconds(1);

export interface StartOptions {
  readonly application?: Application;
  /** Interrupts the start. */
  readonly signal?: AbortSignal;
  /** Another program's, when it has one. */
  readonly openListener?: typeof listen;
  /** At this address, when the start begins: a request that came here before its end would wait, and be refused. */
  readonly othersServe?: boolean;
  /** Set in a worker: its primary process has the port of metrics. */
  readonly handOverMetrics?: (read: () => Promise<unknown>) => void;
}

/**
 * Listens first, and refuses requests until the database is there, unless others serve meanwhile. Throws an error with readable
 * lines when a start is not possible, and what `signal` was aborted with when it is interrupted.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  {
    application = noApplication,
    signal = new AbortController().signal,
    openListener = listen,
    othersServe = false,
    handOverMetrics,
  }: StartOptions = {},
): Promise<RunningServer> {
  const guarded = buildGuardedSchema(application, config);
  // The file lists what FEDERATION=on adds too, so that one file serves both.
  const locked = config.federation ? guarded : buildGuardedSchema(application, withFederation);
  await requireAccessLock(locked, application.root);
  const sessionSecrets = await requireSessionSecrets(config);
  const auditKeys = await requireAuditKeys(config);

  const metrics = config.metricsPort === null ? null : await openMetrics(guarded.schema);
  const meter = metrics?.meter ?? null;
  const readiness = createReadiness(logger);
  const start = createStartGate();
  let graphql: OpenGraphql | null = null;
  const https = config.publicUrl.protocol === "https:";
  const headersOfData = securityHeaders({ https, of: "data" });
  const cors = createCors(config.allowedOrigins);
  const responses = createResponseSender(headersOfData, cors);
  const respondWithError = createErrorResponder(logger, responses);
  const requireGraphql = async (): Promise<OpenGraphql> => {
    if (graphql === null) await start.untilOver();
    if (graphql === null) throw serviceUnavailable({ pool: "requests", reason: "starting" });
    return graphql;
  };
  const handleGraphql: OpenGraphql["handle"] = async (request, response) =>
    (graphql ?? (await requireGraphql())).handle(request, response);
  const openContext: OpenGraphql["openContext"] = async (request, response) =>
    (await requireGraphql()).openContext(request, response);
  const { routes } = application;
  const formCallbacks = findFormCallbacks(config.identityProviders);
  const app = createRoutes({
    pages: {
      ...application.pages,
      service: application.pages.brand.name ?? config.publicUrl.hostname,
      minPasswordLength: requireMinLength(application.accounts.passwordPolicy?.minLength),
    },
    logins: {
      offered: {
        password: config.passwordLogin,
        emailCode: config.loginCodes,
        passkey: config.passkeys !== null,
        providers: config.identityProviders.map(({ id, name }) => ({ id, name })),
      },
      returnPlaces: { publicUrl: config.publicUrl, origins: config.loginReturnTo },
    },
    formCallbacks,
    openContextOfLogins: config.identityProviders.length > 0 ? openContext : null,
    addRoutes: routes && ((own) => routes(own, { openContext })),
    findObstacle: readiness.findObstacle,
    hasExplorer: config.explorer,
    headersOfPages: securityHeaders({ https, of: "pages" }),
    handleGraphql,
    respondWithError,
  });
  const readAddress = createAddressReader(config.trustProxy, () =>
    logger.warn("trusted proxy sent X-Forwarded-For without an IP: its clients share rate limits"),
  );
  const isFromProxy = createProxyCheck(config.trustProxy);
  const requestLog = createRequestLog(logger, readAddress, isFromProxy, meter);
  const logUnlistedOrigin = createUnlistedOriginLog(config.allowedOrigins, logger);
  const sockets = await openSocketsIfOn(config, { requireGraphql, log: requestLog, logger });
  const handleRequest = createRequestHandler({
    logRequest: requestLog.watch,
    responses,
    cors,
    allowedOrigins: config.allowedOrigins,
    hasToken: createTokenHeader(config.tokenHeader).hasToken,
    formPaths: formCallbacks,
    logUnlistedOrigin,
    handleGraphql,
    respondWithError,
    app,
  });
  const scheme = config.publicUrl.protocol.slice(0, -1);
  const requestHandler = traceRequests(handleRequest, { isFromProxy, scheme });
  const openOwnListener = () =>
    openListener(requestHandler, {
      ...config,
      headersOfAll: headersOfData,
      logRefusal: (refusal) => logger.info(refusal, "malformed HTTP request refused"),
      upgrade:
        sockets &&
        createWebSocketUpgrade({
          ...config,
          log: requestLog,
          respondWithError,
          logUnlistedOrigin,
          take: sockets.take,
        }),
    });
  let listener = othersServe ? null : await openOwnListener();

  let jobs: OpenJobs | null = null;
  let live: Live | null = null;
  /** What requests and jobs use, in the order of the start. */
  const ends: (() => Promise<void>)[] = [];
  const close: RunningServer["close"] = async ({ isReplaced } = { isReplaced: false }) => {
    if (!isReplaced) readiness.close();
    // Without a finished start, no balancer has sent anything.
    const delay = graphql === null ? 0 : isReplaced ? timeToMove : config.shutdownDelay;
    await Promise.all([
      listener?.close({ delay, grace: graceForWork }),
      wait(delay).then(() => {
        live?.stop();
        sockets?.stop();
      }),
      jobs?.close(graceForWork),
    ]);
    for (const end of ends.reverse()) await end();
  };
  try {
    if (metrics !== null) handOverMetrics?.(metrics.read);
    const scraped = handOverMetrics ? null : await listenForMetrics(metrics, config, logger);
    ends.push(async () => scraped?.close());
    const waiting: Waiting = {
      atMost: config.databaseWait,
      signal,
      tell: (text, details) => logger.warn(details, text),
    };
    const { opened, isNew } = await openPreparedDatabase(config, readiness, { application, waiting });
    ends.push(() => opened.close());
    const replica = await openConfiguredReplica(config, opened, logger);
    ends.push(async () => replica?.close());
    metrics?.observe(opened, replica);
    ends.push(async () => metrics?.observe(null));
    await untilRead(() => tellOfConnections(config, { opened, replica, application, logger }), waiting);
    if (!othersServe) await untilRead(() => tellOfClock(opened, logger), waiting);
    const redis = await openRedisIfSet(config, logger, meter);
    ends.push(async () => redis?.close());
    const services = createServices({
      config,
      opened,
      readList: replica?.readList ?? null,
      redis,
      sessionSecrets,
      rolesInRules: rolesInRules(guarded.schema),
      accounts: application.accounts,
      reservedUsernames: application.reservedUsernames,
      brandName: application.mail.brand.name,
      logger,
      meter,
    });
    ends.push(() => services.close());
    live = services.live;
    metrics?.observeStreams(live.streams);
    const firstAccount = await createFirstAccountIfAllowed(config, { opened, isNew }, services.hooks);
    const isPeopled = firstAccount !== null || (await untilRead(() => hasUsers(opened.database), waiting));
    if (config.production && !isPeopled && !othersServe)
      logger.warn("no user yet: npx graphward user create --username admin --role ADMIN");
    const opening = await openGraphql({ ...guarded, config, services, responses, logger, application });
    ends.push(() => opening.stop());
    signal.throwIfAborted();
    jobs = await openJobs({
      config,
      opened,
      sessionSecrets,
      auditKeys,
      logger,
      application: application.jobs,
      applicationMail: application.mail,
    });
    readiness.open(async () => (await opened.findObstacle()) ?? (await findFailedCheck(application.health)));
    graphql = opening;
    start.end();
    listener ??= await openOwnListener();
    const ports = { port: listener.port, metricsPort: scraped?.port ?? null };
    return { ...ports, database: opened, hasUsers: isPeopled, firstAccount, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** prom-client is loaded only when metrics are on. */
const openMetrics = async (schema: GraphQLSchema): Promise<Metrics> => {
  const { createMetrics } = await import("./metrics/open.ts");
  return createMetrics(schema);
};

/** Their packages are loaded only where they are used. */
const openSocketsIfOn = async (
  config: Config,
  parts: Pick<SocketParts, "requireGraphql" | "log" | "logger">,
) => {
  if (!config.websocket) return null;
  const { openSockets } = await import("./graphql/subscriptions/sockets.ts");
  return openSockets({ ...config, ...parts });
};

/** Its client is loaded only where it is used. */
const openRedisIfSet = async (
  { redis }: Config,
  logger: Logger,
  meter: Metrics["meter"] | null,
): Promise<OpenRedis | null> => {
  if (redis === null) return null;
  const { openRedis } = await import("./redis/open.ts");
  return openRedis(redis, { logger, meter });
};

/** Before the database, so that a start that waits for it can be seen; and closed last. */
const listenForMetrics = async (
  metrics: Metrics | null,
  { metricsHost: host, metricsPort }: Config,
  logger: Logger,
): Promise<MetricsListener | null> => {
  if (metrics === null || metricsPort === null) return null;
  const listener = await metrics.listen({ host, port: metricsPort });
  logger.info({ host, port: listener.port }, "metrics are served at /metrics");
  return listener;
};

interface Prepared {
  readonly opened: OpenDatabaseWithEntities;
  /** Its tables were created by this start. */
  readonly isNew: boolean;
}

/** With all tables. */
const openPreparedDatabase = async (
  config: Config,
  readiness: Readiness,
  { application, waiting }: { readonly application: Application; readonly waiting: Waiting },
): Promise<Prepared> => {
  readiness.waitFor("waiting for the database");
  const opened = await openDatabaseWithEntities(config, waiting, application.tables);
  try {
    await untilRead(opened.requireRights, waiting);
    readiness.waitFor("waiting for migrations");
    let migrated: readonly string[] = [];
    if (!config.autoMigrate) {
      await untilMigrated(opened.findMissingMigrations, waiting);
      await untilRead(opened.requireRights, waiting);
    } else if ((await untilRead(opened.findMissingMigrations, waiting)).length > 0)
      migrated = await opened.migrate(waiting);
    readiness.waitFor("starting");
    return { opened, isNew: createsUsers(migrated) };
  } catch (error) {
    await opened.close();
    throw error;
  }
};

const openConfiguredReplica = async (
  { replicaConnection: connection, replicaLag: lag, databaseConnections: size }: Config,
  opened: OpenDatabase,
  log: Logger,
): Promise<Replica | null> => connection && openReplica(opened, { connection, size, lag, log });

/** At the start, when an operator looks: the request that finds no connection comes with the load. */
const tellOfConnections = async (
  { workers, databaseConnections }: Config,
  {
    opened,
    replica,
    application,
    logger,
  }: {
    readonly opened: OpenDatabase;
    readonly replica: Replica | null;
    readonly application: Application;
    readonly logger: Logger;
  },
): Promise<void> => {
  const hasJobs = application.jobs !== null;
  const tell = (needed: number, allowed: number | null, details = {}) => {
    if (allowed !== null && needed > allowed)
      logger.warn(
        { needed, allowed, ...details },
        "this server may open more connections than PostgreSQL allows",
      );
  };
  tell(countConnections({ workers, databaseConnections, hasJobs }), await opened.findAllowedConnections());
  if (replica !== null)
    tell(countReplicaConnections({ workers, databaseConnections }), await replica.findAllowedConnections(), {
      of: "DATABASE_REPLICA_URL",
    });
};

const tellOfClock = async ({ database }: OpenDatabase, logger: Logger): Promise<void> => {
  const ahead = await findClockError(database);
  if (ahead !== null) logger.warn({ ahead: toSeconds(ahead) }, "the clock differs from the database's");
};

/** The first account is for development only: in production, an operator creates one. */
const createFirstAccountIfAllowed = async (
  { production, autoMigrate, connection }: Config,
  { opened, isNew }: Prepared,
  { afterRegister }: AccountHooks,
): Promise<FirstAccount | null> => {
  // Nobody asked for an administrator in a database that others may use, or that was there before.
  const isOwn = connection === null || (isNew && isOwnDatabase(connection));
  const mayMakeAccount = !production && autoMigrate && isOwn;
  return mayMakeAccount ? createFirstAccount(opened.database, afterRegister) : null;
};
