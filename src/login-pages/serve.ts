// The routes under /login: the way to a provider, and back from it.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type NextFunction, type Request, type RequestHandler, type Response, Router } from "express";
import type { Context } from "../auth/context.ts";
import { beginProviderLogin, returnFromLogin } from "../auth/flows/providers/begin.ts";
import { completeProviderLogin } from "../auth/flows/providers/complete.ts";
import type { ProviderOutcome } from "../auth/flows/providers/outcome.ts";
import type { ProviderClient } from "../auth/providers/client.ts";
import type { Brand } from "../brand/brand.ts";
import { methodNotAllowed, TableError } from "../errors.ts";
import { searchOf } from "../http/request/log.ts";
import { recordOf } from "../http/request/record.ts";
import type { HeaderList } from "../http/response.ts";
import { english, findLanguage } from "../languages.ts";
import { type FormCallbacks, readFormAnswer } from "./form-answer.ts";
import { writeLoginPage } from "./page.ts";
import { goOnTexts, type LoginPage, type LoginPageLink, loginLinkTexts, loginPageTexts } from "./texts.ts";

export interface LoginPageParts {
  readonly openContext: (request: IncomingMessage, response: ServerResponse) => Promise<Context>;
  readonly headersOfPages: HeaderList;
  readonly formCallbacks: FormCallbacks;
  readonly service: string;
  readonly brand: Brand;
}

/** Mount it at `/login`. Unknown providers and paths go to the next handler. */
export function loginRoutes(parts: LoginPageParts): RequestHandler {
  const router = Router();
  router.all("/:provider", answer(parts, begin));
  router.post("/:provider/callback", takeForm(parts));
  router.all("/:provider/callback", answer(parts, complete));
  router.all("/:provider/return", answer(parts, leadBack));
  return router;
}

/** Opens no context: a request from another site must not act for anybody. */
const takeForm =
  (parts: LoginPageParts): RequestHandler =>
  (request, response, next) => {
    const path = request.originalUrl;
    const provider = parts.formCallbacks.get(path);
    if (provider === undefined) return next();
    setPageHeaders(parts, response);
    recordOf(request).work = readFormAnswer(request, path)
      .then((to) => sendLoginPage(parts, { request, response, page: "going-on", provider, to }))
      .catch(next);
  };

type Step = (
  context: Context,
  login: { readonly provider: ProviderClient; readonly search: string },
) => Promise<ProviderOutcome>;

const begin: Step = (context, { provider, search }) =>
  beginProviderLogin(context, { provider, parameters: new URLSearchParams(search) });

const complete: Step = (context, { provider, search }) =>
  completeProviderLogin(context, { provider, search });

const leadBack: Step = async (context, { search }) =>
  returnFromLogin(context, new URLSearchParams(search).get("return_to"));

const answer =
  (parts: LoginPageParts, step: Step): RequestHandler<{ provider: string }> =>
  (request, response, next) => {
    const work = run(parts, step, { request, response, next }).catch(next);
    recordOf(request).work = work;
  };

const run = async (
  parts: LoginPageParts,
  step: Step,
  {
    request,
    response,
    next,
  }: {
    readonly request: Request<{ provider: string }>;
    readonly response: Response;
    readonly next: NextFunction;
  },
): Promise<void> => {
  const context = await parts.openContext(request, response);
  const provider = context.services.providers.find(request.params.provider);
  if (provider === null) return next();
  // A HEAD would use up what its GET needs.
  if (request.method !== "GET") throw methodNotAllowed("GET");
  setPageHeaders(parts, response);
  const outcome = await step(context, { provider, search: searchOf(request.originalUrl) }).catch(
    (error: unknown) => toBusyPage(error, response),
  );
  // 303: what was asked for here is a GET there.
  if ("to" in outcome) response.status(303).setHeader("Location", outcome.to).end();
  else {
    const { name } = provider.settings;
    sendLoginPage(parts, { request, response, ...outcome, provider: name });
  }
};

const setPageHeaders = ({ headersOfPages }: LoginPageParts, response: Response): void => {
  for (let index = 0; index < headersOfPages.length; index += 2)
    response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
  response.setHeader("X-Robots-Tag", "noindex");
};

const toBusyPage = (error: unknown, response: Response): { readonly page: "busy" } => {
  if (!(error instanceof TableError) || error.code !== "RATE_LIMITED") throw error;
  for (const [name, value] of error.headers) response.setHeader(name, value);
  return { page: "busy" };
};

/** `provider`: its name. `to`: where the browser goes on to by itself. */
export const sendLoginPage = (
  { service, brand }: Pick<LoginPageParts, "service" | "brand">,
  {
    request,
    response,
    page,
    provider,
    to = null,
    returnTo,
  }: {
    readonly request: Pick<Request, "acceptsLanguages">;
    readonly response: Response;
    readonly page: LoginPage;
    readonly provider: string;
    readonly to?: string | null;
    readonly returnTo?: string;
  },
): void => {
  const wanted = request.acceptsLanguages().slice(0, maxLanguages);
  const language = findLanguage(wanted, [...loginPageTexts.keys()]) ?? english;
  const texts = loginPageTexts.get(language)?.(provider);
  const name = links[page];
  const text = name && loginLinkTexts.get(language)?.[name];
  const onwards = to === null ? null : { to, text: goOnTexts.get(language) ?? "" };
  const link = onwards ?? (name && text ? { to: placeOf(name, returnTo), text } : null);
  if (texts === undefined) throw new Error(`The pages of logins have no texts in ${language}.`);
  response.status(statuses[page]);
  response.setHeader("Content-Security-Policy", policy);
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.send(writeLoginPage(texts[page], { service, brand, language, link, goesOn: to !== null }));
};

const maxLanguages = 10;

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** How each page leads on. */
const links: Partial<Readonly<Record<LoginPage, LoginPageLink>>> = {
  unavailable: "logIn",
  expired: "logIn",
  denied: "logIn",
  failed: "logIn",
  "known-email": "logInToLink",
  "registration-closed": "logIn",
  "no-email": "logIn",
  "linked-elsewhere": "identities",
  "not-linked": "logInToLink",
};

const placeOf = (link: LoginPageLink, returnTo: string | undefined): string =>
  link === "logIn" && returnTo !== undefined
    ? `${places.logIn}?${new URLSearchParams({ return_to: returnTo })}`
    : places[link];

const places: Readonly<Record<LoginPageLink, string>> = {
  logIn: "/login",
  logInToLink: "/login?return_to=/account/identities",
  identities: "/account/identities",
};

const statuses: Readonly<Record<LoginPage, number>> = {
  "wrong-place": 400,
  "wrong-app": 400,
  unavailable: 503,
  expired: 400,
  denied: 403,
  failed: 502,
  "known-email": 409,
  refused: 403,
  "registration-closed": 403,
  "no-email": 403,
  "linked-elsewhere": 409,
  "not-linked": 403,
  busy: 429,
  "going-on": 200,
};
