// A server with honest providers, and the way of a person through one of them.
import { type AppWithMail, findFreePort, startWithMail } from "../server.ts";
import { type Arrival, Browser } from "./browser.ts";
import { type HonestProvider, type ProviderPerson, startHonestProvider } from "./honest.ts";

export interface ProviderApp extends AppWithMail {
  readonly provider: HonestProvider;
  /** As the person that is given, or a new browser. */
  logIn(
    person: ProviderPerson | null,
    options?: {
      readonly browser?: Browser;
      readonly returnTo?: string;
      readonly language?: string;
      /** Beside where to lead back to. */
      readonly query?: Readonly<Record<string, string>>;
    },
  ): Promise<Arrival & { readonly browser: Browser }>;
}

/** `entry`: what the settings say of the provider beside the usual. */
export const startProviderApp = async (
  entry: Readonly<Record<string, unknown>> = {},
  environment: NodeJS.ProcessEnv = {},
  others: readonly object[] = [],
): Promise<ProviderApp> => {
  const port = await findFreePort();
  const provider = await startHonestProvider("honest", `http://localhost:${port}/login/honest/callback`);
  const app = await startWithMail({
    PORT: String(port),
    IDENTITY_PROVIDERS: JSON.stringify([{ ...provider.entry, ...entry }, ...others]),
    ...environment,
  });
  return {
    ...app,
    provider,
    async logIn(
      person,
      { browser = new Browser(), returnTo = "/there?x=1#y", language = "en", query: more = {} } = {},
    ) {
      provider.person = person;
      const query = new URLSearchParams({ return_to: returnTo, ...more });
      const stopsAt = (next: URL) =>
        next.pathname === "/there" ||
        next.pathname === "/account/complete" ||
        !/^https?:$/.test(next.protocol);
      const arrival = await browser.open(`${app.origin}/login/honest?${query}`, { stopsAt, language });
      return { ...arrival, browser };
    },
    async close() {
      await app.close();
      await provider.close();
    },
  };
};
