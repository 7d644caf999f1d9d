// GET /login: the page to log in, for people who come from no front end, or from one without a form of its own.
import type { RequestHandler } from "express";
import { type OfferedLogins, writeLogIn } from "../account-pages/log-in-layout.ts";
import { findPageLanguage, type PageSurroundings, policyOf, sendPage } from "../account-pages/serve.ts";
import { writePages } from "../account-pages/texts/languages.ts";
import { findReturnUrl, type ReturnPlaces } from "../auth/providers/return-to.ts";
import { methodNotAllowed } from "../errors.ts";
import { searchOf } from "../http/request/log.ts";
import type { HeaderList } from "../http/response.ts";
import { sendLoginPage } from "./serve.ts";

export interface LogInPageParts extends PageSurroundings {
  readonly offered: OfferedLogins;
  readonly returnPlaces: ReturnPlaces;
  readonly headersOfPages: HeaderList;
}

/** Mount it at `/login`. */
export function logInPage({
  texts,
  defaultLanguage,
  offered,
  returnPlaces,
  headersOfPages,
  ...surroundings
}: LogInPageParts): RequestHandler {
  const pages = new Map(
    [...writePages(texts, surroundings)].flatMap(([language, spoken]) =>
      spoken.flatMap((it) => (it.page === "sign-in" ? [[language, it] as const] : [])),
    ),
  );
  const available = [...pages.keys()];
  return (request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") return next(methodNotAllowed("GET, HEAD"));
    const parameters = new URLSearchParams(searchOf(request.originalUrl));
    const given = parameters.get("return_to");
    const again = parameters.get("prompt") === "login";
    const returnTo = given === null ? null : findReturnUrl(given, returnPlaces);
    if (given !== null && returnTo === null) {
      for (let index = 0; index < headersOfPages.length; index += 2)
        response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
      return sendLoginPage(surroundings, { request, response, page: "wrong-place", provider: "" });
    }
    const spoken = pages.get(findPageLanguage(request, { available, defaultLanguage }));
    if (spoken === undefined) return next();
    const body = Buffer.from(writeLogIn(spoken, { ...surroundings, offered, returnTo, again }));
    sendPage(response, { body, policy: policyOf("/login", surroundings.brand) }, headersOfPages);
  };
}
