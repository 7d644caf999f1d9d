// The routes of Express: health checks, account pages, logins with providers, the explorer, and /graphql for browsers.
import express, { type ErrorRequestHandler, type Express } from "express";
import { accountPages, builtAccountPages, type PageSurroundings } from "./account-pages/serve.ts";
import { builtExplorer, explorerFiles, explorerPage } from "./explorer/serve.ts";
import { type RespondWithError, refuseUnknownRoutes } from "./http/error-response.ts";
import { frontPage } from "./http/front-page.ts";
import { healthRoutes } from "./http/health.ts";
import { graphqlRoute, type RequestHandlerParts } from "./http/request-handler.ts";
import type { HeaderList } from "./http/response.ts";
import { type LogInPageParts, logInPage } from "./login-pages/log-in.ts";
import { type LoginPageParts, loginRoutes } from "./login-pages/serve.ts";

export interface RouteParts {
  readonly findObstacle: () => Promise<string | null>;
  readonly hasExplorer: boolean;
  readonly headersOfPages: HeaderList;
  readonly handleGraphql: RequestHandlerParts["handleGraphql"];
  readonly respondWithError: RespondWithError;
  readonly pages: PageSurroundings;
  readonly logins: Pick<LogInPageParts, "offered" | "returnPlaces">;
  /** Null: there is no provider, and the path is the application's. */
  readonly openContextOfLogins: LoginPageParts["openContext"] | null;
  readonly formCallbacks: LoginPageParts["formCallbacks"];
  /** The application's own. Null: it has none. */
  readonly addRoutes: ((app: Express) => void) | null;
}

export function createRoutes(parts: RouteParts): Express {
  const { findObstacle, hasExplorer, headersOfPages, handleGraphql, respondWithError, addRoutes, pages } =
    parts;
  const { openContextOfLogins: openContext, formCallbacks } = parts;
  const app = createExpress();
  app.use("/health", healthRoutes(findObstacle));
  app.get("/", frontPage({ hasExplorer, headersOfPages, name: pages.brand.name }));
  app.use("/account", accountPages(builtAccountPages, headersOfPages, pages));
  if (openContext !== null)
    app.use("/login", loginRoutes({ openContext, formCallbacks, headersOfPages, ...pages }));
  if (hasExplorer) app.use("/explorer", explorerFiles(builtExplorer));
  app.all(
    "/graphql",
    graphqlRoute(
      hasExplorer ? explorerPage(builtExplorer, headersOfPages, pages.brand.name) : null,
      handleGraphql,
    ),
  );
  if (addRoutes !== null) {
    // Nothing below /graphql is the application's: proxies and log rules take it for GraphQL.
    app.use("/graphql", refuseUnknownRoutes);
    const own = createExpress();
    addRoutes(own);
    app.use(own);
  }
  // After the application's routes: one of its own at this path is the one to use.
  app.all("/login", logInPage({ ...pages, ...parts.logins, headersOfPages }));
  app.use(refuseUnknownRoutes);
  app.use(((error, request, response, _next) =>
    respondWithError(error, request, response)) as ErrorRequestHandler);
  return app;
}

const createExpress = (): Express => express().disable("x-powered-by").disable("etag");
