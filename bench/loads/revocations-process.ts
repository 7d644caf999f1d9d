// Logs in and out on one server, and polls another without pause until it refuses the token, or follows a stream of it until it ends.

import { logIn } from "../servers/login.ts";
import { type Ask, openConnection } from "./connection.ts";
import { followStream } from "./followed-stream.ts";
import type { RevocationsOrder, RevocationsReport } from "./revocations.ts";
import { serveOrders } from "./worker.ts";

const run = async (order: RevocationsOrder): Promise<RevocationsReport> => {
  const { url, otherUrl, account, count, sign } = order;
  const logOut = openConnection(url);
  const ask = openConnection(otherUrl);
  const lags: number[] = [];
  while (lags.length < count) {
    const { token } = await logIn({ url }, account);
    // Twice, so that the viewer is certainly in that server's cache.
    for (let use = 0; use < 2; use++)
      if (await isRefused(ask, token)) throw new Error(`${otherUrl} refuses a token that was just given.`);
    const seen =
      sign === "refusal" ? untilRefused(ask, token) : (await openStream(otherUrl, token)).untilEnded();
    seen.catch(() => undefined);
    const answer = await logOut("mutation { logout { message } }", token);
    const loggedOutAt = performance.now();
    if (answer.status !== 200 || !answer.text.includes("Logged out successfully."))
      throw new Error(`The logout at ${url} answers ${answer.status}: ${answer.text}`);
    lags.push(Math.max(0, (await seen) - loggedOutAt));
    if (!(await isRefused(ask, token))) throw new Error(`${otherUrl} takes a token that it refused before.`);
  }
  return { lags };
};

/** The time at which the refusal arrived. Polling starts before the logout. */
const untilRefused = async (ask: Ask, token: string): Promise<number> => {
  while (!(await isRefused(ask, token)));
  return performance.now();
};

/** Open before the logout. */
const openStream = async (url: string, token: string) => {
  const { ended } = await followStream(url, "subscription { sessionsChanged { id } }", token);
  return {
    /** The time at which the last bytes arrived. */
    async untilEnded(): Promise<number> {
      const { at, text } = await ended;
      if (!text.includes("UNAUTHENTICATED"))
        throw new Error(`The stream of ${url} ended without a reason: ${text}`);
      return at;
    },
  };
};

const isRefused = async (ask: Ask, token: string): Promise<boolean> => {
  const { status, text } = await ask("{ private { message } }", token);
  if (status === 200 && text.includes("this is private!")) return false;
  if (status === 401) return true;
  throw new Error(`The other server answers ${status}: ${text}`);
};

serveOrders(run);
