// The rows of logins that wait at a provider. Taking one uses it up.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { minutes } from "../../time.ts";
import type { Sealer } from "../secrets/sealed.ts";
import { digest, isWellFormedSecret, randomSecret } from "../secrets/secret.ts";
import type { AppReturn } from "./app-links.ts";
import type { LoginSecrets } from "./client.ts";

export const providerLoginLifetime = minutes(10);

/** Whose session links the provider. */
export interface LinkingSession {
  readonly userId: string;
  readonly sessionId: string;
}

export async function insertProviderLogin(
  database: Database,
  {
    provider,
    browserSecret,
    returnTo,
    appChallenge,
    linking,
  }: {
    readonly provider: string;
    readonly browserSecret: string;
    readonly returnTo: string;
    /** Null: no app has begun it. */
    readonly appChallenge: Buffer | null;
    readonly linking: LinkingSession | null;
  },
  sealer: Sealer,
): Promise<LoginSecrets> {
  const id = uuidv7();
  const [state, nonce, verifier] = [randomSecret(), randomSecret(), randomSecret()];
  await database
    .insertInto("provider_logins")
    .values({
      id,
      state_digest: digest(state),
      browser_digest: digest(browserSecret),
      provider,
      sealed_secrets: sealer.seal(Buffer.from(`${nonce}.${verifier}`), id),
      user_id: linking?.userId ?? null,
      session_id: linking?.sessionId ?? null,
      return_to: returnTo,
      app_challenge: appChallenge,
      expires_at: fromNow(providerLoginLifetime),
    })
    .execute();
  return { state, nonce, verifier };
}

export interface TakenLogin {
  readonly secrets: LoginSecrets;
  readonly returnTo: string;
  /** Null: it ends in the browser. */
  readonly app: AppReturn | null;
  readonly linking: LinkingSession | null;
}

/**
 * Returns null for a state that is malformed, unknown, expired, used, of another provider, or of another browser. Of two requests
 * with one state, one gets it.
 */
export async function takeProviderLogin(
  database: Database,
  {
    provider,
    state,
    browserSecret,
  }: { readonly provider: string; readonly state: string; readonly browserSecret: string | null },
  sealer: Sealer,
): Promise<TakenLogin | null> {
  if (!isWellFormedSecret(state) || browserSecret === null) return null;
  const taken = await database
    .deleteFrom("provider_logins")
    .where("state_digest", "=", digest(state))
    // Login CSRF: a page must not complete, in its visitor's browser, a login that the attacker began.
    .where("browser_digest", "=", digest(browserSecret))
    // Mix-up: the answer of one provider must not be taken for the answer of another.
    .where("provider", "=", provider)
    .where("expires_at", ">", sql<Date>`now()`)
    .returning(["id", "sealed_secrets as sealed", "return_to as returnTo", "app_challenge as challenge"])
    .returning(["user_id as userId", "session_id as sessionId"])
    .executeTakeFirst();
  const [nonce, verifier] = (taken && sealer.open(taken.sealed, taken.id)?.toString().split(".")) ?? [];
  if (taken === undefined || nonce === undefined || verifier === undefined) return null;
  const { returnTo, challenge, userId, sessionId } = taken;
  const app = challenge && { link: returnTo, challenge };
  const linking = userId === null || sessionId === null ? null : { userId, sessionId };
  return { secrets: { state, nonce, verifier }, returnTo, app, linking };
}

/** Returns how many. */
export async function pruneProviderLogins(database: Database): Promise<number> {
  const { numDeletedRows } = await database
    .deleteFrom("provider_logins")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
