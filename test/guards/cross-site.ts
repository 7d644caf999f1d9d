// What keeps other sites from acting for our users.
import type { Guard } from "../house/guard.ts";

const rules = "src/http/cross-site.ts";
const door = "src/http/request-handler.ts";
const cors = "src/http/cors.ts";
const passes = "the cross-site rules let pass, by POST and by GET:";
const refuses = "the cross-site rules refuse, by POST and by GET, a login included:";

export const crossSite: readonly Guard[] = [
  {
    file: rules,
    code: "return !allowedOrigins.has(origin);",
    broken: "return ![...allowedOrigins].some((listed) => origin.startsWith(listed));",
    test: "http/cross-site",
    title: refuses,
  },
  {
    file: rules,
    code: "return !allowedOrigins.has(origin);",
    broken: "return !allowedOrigins.has(origin.toLowerCase());",
    test: "http/cross-site",
    title: refuses,
  },
  {
    file: rules,
    code: "if (origin !== undefined) return",
    broken: 'if (origin !== undefined && origin !== "null") return',
    test: "http/cross-site",
    title: refuses,
  },
  {
    file: rules,
    code: "return site !== undefined;",
    broken: 'return site === "cross-site";',
    test: "http/cross-site",
    title: refuses,
  },
  {
    file: rules,
    code: 'if (site === "same-origin" || site === "none") return false;',
    broken: 'if (site === "same-origin" || site === "none" || site === "same-site") return false;',
    test: "http/cross-site",
    title: refuses,
  },
  {
    file: rules,
    code: 'if (site === "same-origin" || site === "none") return false;',
    broken: 'if (site?.startsWith("same-origin") || site === "none") return false;',
    test: "http/cross-site",
    title: refuses,
  },
  {
    file: rules,
    code: 'if (site === "same-origin" || site === "none") return false;',
    broken: 'if (site === "same-origin") return false;',
    test: "http/cross-site",
    title: passes,
  },
  {
    file: rules,
    code: "return site !== undefined;",
    broken: 'return site !== undefined || request.headers["sec-fetch-mode"] !== undefined;',
    test: "http/cross-site",
    title: passes,
  },
  {
    file: rules,
    code: 'if (request.method === "OPTIONS") return false;',
    broken: 'if (request.method === "OPTIONS" || request.method === "HEAD") return false;',
    test: "http/cross-site",
    title: "every method but OPTIONS is decided about, on every path",
  },
  {
    file: door,
    code: "if (isCrossSite(request, allowedOrigins))",
    broken: 'if (pathOf(request.url ?? "") === "/graphql" && isCrossSite(request, allowedOrigins))',
    test: "http/cross-site",
    title: "every method but OPTIONS is decided about, on every path",
  },
  {
    file: door,
    code: "if (isCrossSite(request, allowedOrigins))",
    broken: "if (request.headers.authorization === undefined && isCrossSite(request, allowedOrigins))",
    test: "http/cross-site",
    title: "what another site sends is refused before anything is looked up, whatever credential comes along",
  },
  {
    file: rules,
    code: "if (isPageNavigation(request)) return false;",
    broken: "",
    test: "http/cross-site",
    title: "is shown, also when another site links to it",
  },
  {
    file: rules,
    code: '!new URLSearchParams(searchOf(request.url ?? "")).has("query")',
    broken: '!(request.url ?? "").includes("?query=")',
    test: "http/cross-site",
    title: "carries no query, however it is written",
  },
  {
    file: rules,
    code: 'request.method === "GET" &&',
    broken: "",
    test: "http/cross-site",
    title: "what is no navigation is refused, without a query too:",
  },
  {
    file: rules,
    code: 'request.headers["sec-fetch-mode"] === "navigate" &&',
    broken: "",
    test: "http/cross-site",
    title: "what is no navigation is refused, without a query too:",
  },
  {
    file: cors,
    code: "(known.get(origin) ?? none)",
    broken: "(known.get(origin) ?? [...known.values()][0] ?? none)",
    test: "http/cors",
    title: "no other origin is told anything by CORS, and every answer varies by origin",
  },
  {
    file: cors,
    code: "origin !== undefined && allowedOrigins.has(origin)",
    broken: "origin !== undefined",
    test: "http/cors",
    title: "a preflight of another origin is told nothing, and OPTIONS what is allowed",
  },
  {
    file: cors,
    code: "credentials: true",
    broken: "credentials: false",
    test: "http/cors",
    title: "a listed origin may read every answer, errors as well, with its credentials",
  },
  {
    file: "src/http/response.ts",
    code: "cors.headersFor(request.headers.origin), own",
    broken: 'own.includes("Content-Type") ? [] : cors.headersFor(request.headers.origin), own',
    test: "http/cors",
    title: "a listed origin may read every answer, errors as well, with its credentials",
  },
  {
    file: "src/http/security-headers.ts",
    code: '"no-store", "Vary", "Origin"]',
    broken: '"no-store"]',
    test: "http/cors",
    title: "no other origin is told anything by CORS, and every answer varies by origin",
  },
  {
    file: door,
    code: 'method === "OPTIONS" ||',
    broken: "",
    test: "http/cors",
    title: "a preflight of a listed origin is told what it may send",
  },
  {
    file: door,
    code: "cors.answerPreflight(request, response, () => app(request, response));",
    broken:
      'void answerGraphql(Object.assign(request, { method: "GET" }), response).catch(() => response.end());',
    test: "http/cors",
    title: "a preflight costs no query, whatever credential comes along",
  },
  ...["host", "x-forwarded-host", "x-host"].map((name) => ({
    file: "src/server.ts",
    code: "await listen(requestHandler,",
    broken: `await listen((request, response) => {
      const host = request.headers["${name}"] ?? "api.example.com";
      for (const name of Object.keys(config.mail.links))
        Object.assign(config.mail.links, { [name]: \`https://\${host}/#token={token}\` });
      requestHandler(request, response);
    },`,
    test: "mail/links-in-mail",
    title: "links in mail come from PUBLIC_URL alone, whatever is sent as",
  })),
];
