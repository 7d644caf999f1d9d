// The services that flows use: created once at the start, and part of every request's context.
import type { EntityManager } from "@mikro-orm/postgresql";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { createNotices, type Notices } from "../database/notices/notices.ts";
import { listenOnPostgres } from "../database/notices/postgres.ts";
import type { OpenDatabaseWithEntities } from "../database/open.ts";
import type { ReadList } from "../database/replica/open.ts";
import type { Database } from "../database/tables.ts";
import { describeForLog } from "../error-log.ts";
import { createLive, type Live } from "../live/open.ts";
import type { Meter } from "../meter.ts";
import type { OpenRedis } from "../redis/open.ts";
import {
  type AccountHooks,
  createAccountHooks,
  type DefinedHooks,
  type ForkEntityManager,
} from "./account-hooks.ts";
import { createRefusals, type Refusals } from "./audit/refusals.ts";
import type { ViewerLookup } from "./authentication/lookup.ts";
import { openViewers } from "./authentication/open.ts";
import { createFamiliarBrowsers, type FamiliarBrowsers } from "./browsers/familiar-browser.ts";
import { type DeviceKeys, deriveDeviceKeys } from "./browsers/known-devices.ts";
import { createSecretCookie, type SecretCookie } from "./browsers/secret-cookie.ts";
import { deriveMailedCodeKeys, type MailedCodeKeys } from "./challenges/code-secrets.ts";
import { challengeLifetimes } from "./challenges/rows.ts";
import { createSecondFactorRule, type RequiresSecondFactor } from "./factors/policy.ts";
import { trustedBrowserLifetime } from "./factors/trusted-browsers.ts";
import { type CodeAttempts, createCodeAttempts } from "./limits/code-attempts.ts";
import { countInRedis } from "./limits/counting-in-redis.ts";
import { createFactorAttempts, type FactorAttempts } from "./limits/factor-attempts.ts";
import { createPasswordAttempts, type PasswordAttempts } from "./limits/password-attempts.ts";
import { createBudgetKey, createRateLimits, type RateLimits } from "./limits/rate-limits.ts";
import type { RelyingParty } from "./passkeys/relying-party.ts";
import { createBreachCheck } from "./passwords/breached.ts";
import { type PasswordPolicy, requireMinLength } from "./passwords/policy.ts";
import { serviceWordsOf } from "./passwords/service-words.ts";
import type { AppLinks } from "./providers/app-links.ts";
import { providerLoginLifetime } from "./providers/login-rows.ts";
import { createProviders, type Providers } from "./providers/registry.ts";
import type { ReturnPlaces } from "./providers/return-to.ts";
import { deriveKey } from "./secrets/derived-key.ts";
import { deriveOneTimeKeys, type OneTimeKeys } from "./secrets/one-time-tokens.ts";
import { createSecretFinder } from "./secrets/presented-credential.ts";
import { createSealer, factorSealing, type Sealer } from "./secrets/sealed.ts";
import { createSessionCookies, type SessionCookies } from "./sessions/cookie.ts";
import { requireLifetimes, type SessionLifetimes } from "./sessions/lifetimes.ts";
import { type ApplicationNames, createApplicationNames } from "./users/application-names.ts";
import { type Authority, createAuthority } from "./viewer/authority.ts";

export interface Services {
  readonly database: Database;
  /** For lists that show and decide nothing: from a replica, if there is one. */
  readonly readList: ReadList;
  readonly forkEntityManager: ForkEntityManager;
  /** Revocations and live events from all servers. It connects when something listens. */
  readonly notices: Notices;
  /** Events and streams of subscriptions. */
  readonly live: Live;
  readonly viewers: ViewerLookup;
  readonly authority: Authority;
  readonly refusals: Refusals;
  readonly limits: RateLimits;
  readonly attempts: PasswordAttempts;
  readonly factorAttempts: FactorAttempts;
  readonly requiresSecondFactor: RequiresSecondFactor;
  readonly isPasswordLoginOn: boolean;
  readonly areLoginCodesOn: boolean;
  readonly codeAttempts: CodeAttempts;
  readonly mailedCodeKeys: MailedCodeKeys;
  /** For passkeys. Null: there are none. */
  readonly relyingParty: RelyingParty | null;
  /** For logins with a provider. */
  readonly providers: Providers;
  /** Where such a login may lead back to. */
  readonly returnPlaces: ReturnPlaces;
  /** Where such a login may lead back to an app. */
  readonly appLinks: AppLinks;
  /** Binds such a login to its browser. */
  readonly providerCookie: SecretCookie;
  /** Seals what such a login must remember. */
  readonly providerSealer: Sealer;
  /** Seals TOTP secrets. */
  readonly sealer: Sealer;
  /** What people call this service: authenticator apps show it. */
  readonly serviceName: string;
  readonly sessionCookies: SessionCookies;
  readonly familiarBrowsers: FamiliarBrowsers;
  /** Binds a login that waits for another proof to its browser. */
  readonly pendingCookie: SecretCookie;
  readonly trustedBrowserCookie: SecretCookie;
  readonly passwordPolicy: PasswordPolicy;
  readonly oneTimeKeys: OneTimeKeys;
  readonly deviceKeys: DeviceKeys;
  readonly isRegistrationOpen: boolean;
  readonly requiresVerifiedEmail: boolean;
  readonly lifetimes: SessionLifetimes;
  readonly hooks: AccountHooks;
  /** Usernames that the application keeps for itself. */
  readonly applicationNames: ApplicationNames;
  readonly logger: Logger;
  /** Null: metrics are off. */
  readonly meter: Meter | null;
  /** The values of the application's settings. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface OpenServices extends Services {
  /** Writes waiting events and uses. Call it before the database is closed. */
  close(): Promise<void>;
}

/** What an application decides about accounts. */
export interface ApplicationAccounts extends DefinedHooks {
  readonly passwordPolicy?: {
    /** Characters: from 8 to 64. 12, unless it says otherwise. */
    readonly minLength?: number;
  };
  /** Both 14 and 90 days for a cookie, 30 and 180 for a token, unless it says otherwise. */
  readonly sessions?: Partial<SessionLifetimes>;
}

export interface ServiceParts {
  readonly accounts: ApplicationAccounts;
  readonly reservedUsernames: readonly string[];
  readonly brandName: string | null;
  readonly config: Config;
  readonly opened: OpenDatabaseWithEntities;
  /** Null: there is none. */
  readonly redis: OpenRedis | null;
  /** Null: there is no replica. */
  readonly readList: ReadList | null;
  /** The first signs, all verify. */
  readonly sessionSecrets: readonly string[];
  /** Roles in the access rules of the served schema. */
  readonly rolesInRules: readonly string[];
  readonly logger: Logger;
  readonly meter: Meter | null;
}

export function createServices({
  accounts,
  reservedUsernames,
  brandName,
  config,
  opened,
  redis,
  readList,
  sessionSecrets: secrets,
  rolesInRules,
  logger,
  meter,
}: ServiceParts): OpenServices {
  const { database } = opened;
  const { cookieName } = config;
  const secure = config.publicUrl.protocol === "https:";
  const warn = (text: string) => (error: unknown) => logger.warn({ error: describeForLog(error) }, text);
  const findSecret = createSecretFinder(secrets);
  const authority = createAuthority(rolesInRules);
  const lifetimes = requireLifetimes(accounts.sessions ?? {});
  const forkEntityManager: ForkEntityManager = (transaction) => forkOf(opened, transaction);
  const { schema, createClient } = opened;
  const notices = createNotices({
    schema,
    transport:
      redis?.notices({ opened, keys: secrets.map((secret) => deriveKey(secret, "notices in Redis")) }) ??
      listenOnPostgres({ schema, connect: createClient }),
    database,
    onBeat: meter?.timeNotice ?? null,
  });
  const live = createLive(database, notices, config.maxStreams);
  const viewers = openViewers(database, {
    notices: config.viewerCache ? notices : null,
    findSecret,
    authority,
    lifetimes,
    meter,
  });
  const refusals = createRefusals({ database, onError: warn("failed to record a refusal") });
  const keyOf = createBudgetKey(secrets);
  const places = { database, redis: redis && countInRedis(redis.connection) };
  const budgets = { places, settings: config.rateLimits, keyOf, refusals, meter };
  const limits = createRateLimits(budgets);
  return {
    database,
    readList: readList ?? ((work) => work(database)),
    forkEntityManager,
    lifetimes,
    hooks: createAccountHooks(accounts, { forkEntityManager, logger }),
    applicationNames: createApplicationNames(reservedUsernames),
    notices,
    live,
    viewers,
    authority,
    refusals,
    limits,
    attempts: createPasswordAttempts(budgets),
    factorAttempts: createFactorAttempts(budgets),
    requiresSecondFactor: createSecondFactorRule(config.secondFactor),
    isPasswordLoginOn: config.passwordLogin,
    areLoginCodesOn: config.loginCodes,
    codeAttempts: createCodeAttempts(budgets),
    mailedCodeKeys: deriveMailedCodeKeys(secrets),
    relyingParty: config.passkeys && { ...config.passkeys, name: brandName ?? config.publicUrl.hostname },
    providers: createProviders(config.identityProviders, config),
    returnPlaces: { publicUrl: config.publicUrl, origins: config.loginReturnTo },
    appLinks: new Set(config.loginAppLinks),
    providerCookie: createSecretCookie({
      name: `${cookieName}-provider`,
      lifetime: providerLoginLifetime,
      secure,
    }),
    providerSealer: createSealer(secrets, "logins with providers"),
    sealer: createSealer(secrets, factorSealing),
    serviceName: brandName ?? config.publicUrl.hostname,
    sessionCookies: createSessionCookies({ secrets, findSecret, cookieName, secure }),
    familiarBrowsers: createFamiliarBrowsers({ secrets, cookieName, secure }),
    pendingCookie: createSecretCookie({
      name: `${cookieName}-pending`,
      lifetime: challengeLifetimes["second-step"],
      secure,
    }),
    trustedBrowserCookie: createSecretCookie({
      name: `${cookieName}-trusted`,
      lifetime: trustedBrowserLifetime,
      secure,
    }),
    passwordPolicy: {
      isBreached: createBreachCheck(
        config.breachedPasswordsUrl,
        warn("no response from BREACHED_PASSWORDS_URL, password not checked for breaches"),
      ),
      serviceWords: serviceWordsOf(config, brandName),
      minLength: requireMinLength(accounts.passwordPolicy?.minLength),
    },
    oneTimeKeys: deriveOneTimeKeys(secrets),
    deviceKeys: deriveDeviceKeys(secrets),
    isRegistrationOpen: config.registration === "open",
    requiresVerifiedEmail: config.requireVerifiedEmail,
    logger,
    meter,
    settings: config.applicationSettings,
    async close() {
      await viewers.close();
      await notices.close();
      live.stop();
      await live.close();
      await refusals.close();
    },
  };
}

/** A new identity map, in the transaction if there is one. */
export const forkOf = (
  { orm }: Pick<OpenDatabaseWithEntities, "orm">,
  transaction: Database | undefined,
): EntityManager => {
  const em = orm.em.fork();
  if (transaction !== undefined) em.setTransactionContext(transaction);
  return em;
};
