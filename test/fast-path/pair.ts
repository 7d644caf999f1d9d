// Graphward and stock Apollo Server side by side: the same fields, the same rows, the same callers.
import { isDeepStrictEqual } from "node:util";
import type { Class } from "../../src/auth/access/rules.ts";
import { resolvers } from "../../src/resolvers/index.ts";
import { Client } from "../harness/client.ts";
import { openDefaultApplication, startApp } from "../harness/server.ts";
import type { Caller } from "./cases.ts";
import type { Difference } from "./difference.ts";
import { changes, detours, refusals } from "./differences.ts";
import { type Answer, type Exchange, exchange, type Request } from "./exchange.ts";
import { ProbeResolver } from "./probe-schema.ts";
import { alicesPassword } from "./recorded-edges.ts";
import { showSchemaOf } from "./shown-schema.ts";
import { startStockApollo } from "./stock-apollo.ts";

export interface Pair {
  readonly urls: { readonly graphward: string; readonly apollo: string };
  askGraphward(caller: Caller, request: Request): Promise<Exchange>;
  /** What Apollo answers, with the permitted differences and no other. */
  expectedAnswer(caller: Caller, request: Request): Promise<Answer>;
  /** The differences that have changed an answer so far. */
  readonly seen: ReadonlySet<Difference>;
  /** Graphward's lines. Complete when it is closed. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

// A resolver of the tests' own. Its fields are private, so that access.lock has nothing to say.
const addProbe = (list = resolvers as unknown as Class[]) =>
  list.includes(ProbeResolver) || list.push(ProbeResolver);

export const startPair = async (environment: NodeJS.ProcessEnv = {}): Promise<Pair> => {
  addProbe();
  const app = await startApp({ EXPLORER: "off", ...environment });
  const stock = await startStockApollo(app);
  showSchemaOf(await openDefaultApplication());
  const user = await app.createUser({
    username: "alice",
    email: "alice@example.com",
    password: alicesPassword,
  });

  const newToken = async () => {
    const phone = new Client(app);
    await phone.logIn(user, "TOKEN");
    return { authorization: `Bearer ${phone.token}` };
  };
  const browser = new Client(app);
  await browser.logIn(user, "SESSION");
  const cookie = [...browser.cookies].map((it) => it.join("=")).join("; ");
  const credentials = { anonymous: {}, token: await newToken(), cookie: { cookie } };

  const send = async (origin: string, caller: Caller, request: Request): Promise<Exchange> => {
    const credential = caller === "guest" ? await newToken() : credentials[caller];
    return exchange(origin, { ...request, headers: { ...credential, ...request.headers } });
  };

  const seen = new Set<Difference>();
  const apply = (difference: Difference, before: Answer, after: Answer | null | undefined): Answer | null => {
    if (after === null || after === undefined) return null;
    if (!isDeepStrictEqual(before, after)) seen.add(difference);
    return after;
  };

  const askInstead = async (caller: Caller, request: Request): Promise<Answer> => {
    let asked = request;
    let { answer } = await send(stock.origin, caller, asked);
    for (const difference of detours) {
      const instead = difference.ask?.(asked, answer);
      if (!instead) continue;
      asked = instead;
      const { answer: next } = await send(stock.origin, caller, asked);
      answer = apply(difference, answer, next) ?? answer;
    }
    return answer;
  };

  let closing: Promise<void> | undefined;
  return {
    urls: { graphward: app.url, apollo: `${stock.origin}/graphql` },
    askGraphward: (caller, request) => send(app.origin, caller, request),
    async expectedAnswer(caller, request) {
      let answer = await askInstead(caller, request);
      for (const difference of refusals) {
        const refusal = apply(difference, answer, difference.change?.(answer, request, caller));
        if (refusal === null) continue;
        answer = refusal;
        break;
      }
      for (const difference of changes)
        answer = apply(difference, answer, difference.change?.(answer, request, caller)) ?? answer;
      return answer;
    },
    seen,
    log: app.log,
    close: () => {
      closing ??= stock.close().then(() => app.close());
      return closing;
    },
  };
};
